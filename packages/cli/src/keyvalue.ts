import { UsageError } from './exit.ts'

/** `key=value`, several of them, as an object. Throws UsageError. */
export function readKeyvalues(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new UsageError(`--keyvalue wants key=value (not "${text}").`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
