/** A long text with its middle left out, both ends long enough to tell two apart. */
export function shorten(text: string, { head = 7, tail = 5 } = {}): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`
}
