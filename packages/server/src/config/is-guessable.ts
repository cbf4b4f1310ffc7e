/** Whether a text that has to be secret is short, repeats itself, counts, or is what examples say in its place. */
export function isGuessable(text: string): boolean {
  if (text.length < 24 || new Set(text).size < 8) return true
  return text.replaceAll(placeholders, '').length < leastLeft || repeatsItself(text) || counts(text)
}

/** What examples say; a random text may have such a word in front of it. */
const placeholders = /change.?me|example|secret|password|token|setup|put|your|own|here/gi
/** Characters beside those words. */
const leastLeft = 16

/** Also where the last repetition is cut off. */
function repeatsItself(text: string): boolean {
  const periods = Array.from({ length: Math.floor(text.length / 2) }, (_, i) => i + 1)
  return periods.some((period) => text.startsWith(text.slice(period)))
}

/** Most characters are the neighbours of those before them, as in 0123456789 and zyxwvu. */
function counts(text: string): boolean {
  const steps = Array.from({ length: text.length - 1 }, (_, i) => text.charCodeAt(i + 1) - text.charCodeAt(i))
  return steps.filter((step) => Math.abs(step) <= 1).length > (steps.length * 2) / 3
}
