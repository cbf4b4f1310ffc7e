/**
 * Reads a query string the way every Pinata client writes one: `+` is a space, an escape that is none stays as it is
 * (`%x%` in a LIKE pattern), empty pieces are skipped, a repeated name becomes a list (which schemas then refuse).
 */
export function readQuery(text: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {}
  if (text === '') return query
  for (const piece of text.split('&')) {
    if (piece === '') continue
    const at = piece.indexOf('=')
    const name = decodeLoosely(at === -1 ? piece : piece.slice(0, at))
    const value = at === -1 ? '' : decodeLoosely(piece.slice(at + 1))
    const before = Object.hasOwn(query, name) ? query[name] : undefined
    const next = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value]
    // defineProperty: a name such as `__proto__` is data like any other.
    Object.defineProperty(query, name, { value: next, enumerable: true, configurable: true, writable: true })
  }
  return query
}

function decodeLoosely(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    // Decode each run of escapes by itself; what is no valid escape or no valid UTF-8 stays literal.
    return spaced.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
      try {
        return decodeURIComponent(run)
      } catch {
        return run
      }
    })
  }
}
