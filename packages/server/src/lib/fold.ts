/** Text for comparison without case: one Unicode form, lower case. Names are stored folded beside themselves. */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

/** Text for a `like` pattern that means itself; the pattern is then used with `escape '\'`. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
