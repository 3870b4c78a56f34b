/** Copies a text. Answers whether it could: over plain HTTP to another machine browsers have no clipboard at all. */
export async function copyText (text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
