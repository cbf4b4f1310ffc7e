import { stdSerializers } from 'pino'

/** Deeper than this nobody looks, and an object may hold itself. */
const maxDepth = 6
/** Longer bytes are cut. */
const maxBytes = 64

/**
 * What is logged, made of nothing but plain objects, lists, texts and numbers: errors with their causes, bytes in
 * hexadecimal, everything that knows a text of its own (addresses, times) as that. Pino's redaction copies objects field
 * by field; bytes and addresses do not survive that, and took the whole error with them, or the request.
 */
export function loggable(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value, 0)]))
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) return '[deeper]'
  if (value instanceof Error) return fieldsOf(stdSerializers.err(value), depth)
  if (ArrayBuffer.isView(value)) return hexOf(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  if ('toJSON' in value && typeof value.toJSON === 'function') return plain(value.toJSON(), depth + 1)
  if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
    return Array.from<unknown, unknown>(value, (item) => plain(item, depth + 1))
  }
  return fieldsOf(value, depth)
}

function fieldsOf(value: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field, depth + 1)]))
}

function hexOf(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, maxBytes)).toString('hex')
  return bytes.length <= maxBytes ? shown : `${shown}... (${bytes.length} bytes)`
}
