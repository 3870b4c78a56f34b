/** A line of an input, without its end. `number` counts from 1. */
export interface Line {
  number: number
  bytes: Buffer
}

const NEWLINE = 10

/** Cuts bytes into lines as they come, those without blanks alone left out. One without an end within `longest` bytes is cut there. */
export async function * linesOf (chunks: AsyncIterable<Buffer>, longest: number): AsyncGenerator<Line[]> {
  let rest: Buffer = Buffer.alloc(0)
  let number = 1
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const lines: Line[] = []
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      lines.push({ number: number++, bytes: bytes.subarray(start, end) })
      start = end + 1
    }
    rest = bytes.subarray(start)
    if (rest.length > longest) {
      lines.push({ number, bytes: rest })
      rest = Buffer.alloc(0)
    }
    yield lines.filter(hasInk)
  }
  yield [{ number, bytes: rest }].filter(hasInk)
}

function hasInk ({ bytes }: Line): boolean {
  return bytes.some((byte) => byte !== 32 && byte !== 9 && byte !== 13)
}
