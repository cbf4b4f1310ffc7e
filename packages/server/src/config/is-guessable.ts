/** Whether a text that has to be secret is short, repeats itself, counts, or is what examples say in its place. */
export function isGuessable(text: string): boolean {
  return text.length < 24 || new Set(text).size < 8 || placeholder.test(text) || repeatsItself(text) || counts(text)
}

/** Among random characters none of these comes up in a lifetime. */
const placeholder = /change.?me|example|secret|passw|token/i

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
