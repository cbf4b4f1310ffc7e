/** How many columns of a terminal a text takes: 2 for East Asian wide characters and emoji, 0 for what combines. */
export function widthOf(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : zero.test(segment) ? 0 : 1
  return width
}

/** The text in at most `columns`, with an ellipsis for what was cut. */
export function shorten(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  let width = 1
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment)
    if (width > columns) break
    kept += segment
  }
  return `${kept}…`
}

/**
 * One line of a terminal that says how something is, written over again and again. The title is cut rather than what
 * changes: names and CIDs are long. Some terminals say nothing of their columns, or that there are none.
 */
export function liveLine(title: string, state: string, columns: number | undefined): string {
  return shorten(`${shorten(title, titleColumns)}  ${state}`, (columns || 80) - 1)
}

const titleColumns = 24

/** The text with spaces behind it up to `columns`. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
// Scripts and blocks that UAX #11 calls wide; pictures that are shown as such by themselves or by U+FE0F.
const wide =
  /^(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f)/u
const zero = /^[\p{M}\p{Cf}]+$/u
