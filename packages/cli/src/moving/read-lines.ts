/** More than a line of any list takes: a hundred key-values of a thousand bytes. */
const maxLineCharacters = 16 * 1024 * 1024

/** What is read holds no lines of text; the message goes on behind the name of it. */
export class NoLines extends Error {
  override readonly name = 'NoLines'
}

/** The lines of NDJSON, ended by a line feed and nothing else: a name may hold what other readers take for an end. Throws NoLines. */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (piece: Uint8Array, stream: boolean): string => {
    try {
      return decoder.decode(piece, { stream })
    } catch (cause) {
      throw new NoLines('holds bytes that are no UTF-8', { cause })
    }
  }
  let rest = ''
  for await (const piece of source) {
    const lines = (rest + decode(piece, true)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxLineCharacters) throw new NoLines('holds a line that is longer than any of a list')
    yield* lines
  }
  rest += decode(new Uint8Array(), false)
  if (rest !== '') yield rest
}
