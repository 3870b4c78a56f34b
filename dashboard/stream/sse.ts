export interface ServerEvent {
  id: string | undefined
  event: string
  data: string
}

/** Reads Server-Sent Events out of pieces of text that break anywhere. */
export class SseReader {
  #rest = ''

  /** Answers the events that `text` completes. */
  read (text: string): ServerEvent[] {
    const parts = (this.#rest + text).split('\n\n')
    this.#rest = parts.pop() ?? ''
    return parts.flatMap((part) => {
      const fields = new Map(part.split('\n').filter((line) => !line.startsWith(':')).map((line): [string, string] => {
        const at = line.indexOf(':')
        return [line.slice(0, at), line.slice(at + 1).replace(/^ /, '')]
      }))
      const data = fields.get('data')
      return data === undefined ? [] : [{ id: fields.get('id'), event: fields.get('event') ?? 'message', data }]
    })
  }
}
