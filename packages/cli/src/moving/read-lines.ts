/** More than a line of any list takes: a hundred key-values of a thousand bytes. */
const maxLineCharacters = 16 * 1024 * 1024

/** The lines of NDJSON, ended by a line feed and nothing else: a name may hold what other readers take for an end. */
export async function* readLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  for await (const piece of source) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxLineCharacters) throw new Error('A line is too long')
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}
