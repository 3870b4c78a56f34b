/** One message of Server-Sent Events; comments are none. */
export interface StreamMessage {
  id: string | undefined
  event: string
  data: string
}

/** Longer ones are no stream of ours. */
const MOST_LETTERS = 64 * 1024 * 1024

/** Reads the messages of a stream, each when it is whole: of one that breaks off nothing is told. `onBytes` is called for whatever comes. */
export async function * messagesOf (body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<StreamMessage> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    onBytes()
    text += decoder.decode(value, { stream: true })
    if (text.length > MOST_LETTERS) throw new Error('a message without an end')
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) if (!part.startsWith(':')) yield messageOf(part)
  }
}

function messageOf (part: string): StreamMessage {
  const lines = part.split('\n')
  const field = (name: string): string | undefined => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
  return { id: field('id'), event: field('event') ?? 'message', data: field('data') ?? '' }
}
