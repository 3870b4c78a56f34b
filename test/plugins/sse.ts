import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Event } from '../../schemas/event.ts'

export interface Message {
  id: string | undefined
  event: string
  data: string
}

/** A client of Server-Sent Events on a socket of its own. */
export class SseClient {
  readonly response: IncomingMessage
  readonly messages: Message[] = []
  readonly #request: ClientRequest
  #text = ''
  #isOpen = false
  #isOver = false
  #changed: () => void = () => {}

  private constructor (request: ClientRequest, response: IncomingMessage) {
    this.#request = request
    this.response = response
    response.setEncoding('utf8').on('error', () => {})
    response.once('close', () => {
      this.#isOver = true
      this.#changed()
    })
  }

  /** Resolves when the stream is open, which its first line says. */
  static async open (url: string, headers: Record<string, string>): Promise<SseClient> {
    const asked = request(url, { headers, agent: false })
    asked.end()
    const [response] = await once(asked, 'response') as [IncomingMessage]
    asked.on('error', () => {})
    const client = new SseClient(asked, response)
    client.read()
    await client.until(() => client.#isOpen || client.isOver)
    return client
  }

  get isOver (): boolean {
    return this.#isOver
  }

  get events (): Event[] {
    return this.messages.filter(({ event }) => event === 'events').flatMap(({ data }) => parseEvents(data))
  }

  /** How many events the gap notices told as missed. */
  get missed (): number {
    return this.messages.filter(({ event }) => event === 'gap').reduce((sum, { data }) => sum + parseMissed(data), 0)
  }

  get lastId (): string | undefined {
    return this.messages.findLast(({ id }) => id !== undefined)?.id
  }

  read (): void {
    this.response.on('data', this.#take).resume()
  }

  stopReading (): void {
    this.response.off('data', this.#take).pause()
  }

  async until (isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      await new Promise<void>((resolve) => { this.#changed = resolve })
    }
  }

  close (): void {
    this.#request.destroy()
  }

  readonly #take = (chunk: string): void => {
    this.#text += chunk
    const parts = this.#text.split('\n\n')
    this.#text = parts.pop() ?? ''
    for (const part of parts) this.#read(part)
    this.#changed()
  }

  #read (part: string): void {
    if (part === ': open') this.#isOpen = true
    if (part.startsWith(':')) return
    const lines = part.split('\n')
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    this.messages.push({ id: field('id'), event: field('event') ?? 'message', data: field('data') ?? '' })
  }
}

function parseEvents (text: string): Event[] {
  return JSON.parse(text) as Event[]
}

function parseMissed (text: string): number {
  return (JSON.parse(text) as { missed: number | null }).missed ?? Number.NaN
}
