/** What `readVarint` found: the number and where the next byte is, or why there is none. */
export type Varint = { readonly value: number; readonly next: number } | 'incomplete' | 'malformed'

/**
 * Reads an unsigned varint as multiformats have it (https://github.com/multiformats/unsigned-varint): at most nine
 * bytes, shortest form only. `incomplete` when `bytes` ends inside it, `malformed` also above 2^53 - 1.
 */
export function readVarint(bytes: Uint8Array, at: number): Varint {
  let value = 0
  let factor = 1
  for (let i = at; i < at + 9; i++) {
    const byte = bytes[i]
    if (byte === undefined) return 'incomplete'
    value += (byte & 0x7f) * factor
    if (byte < 0x80) {
      const padded = byte === 0 && i > at
      return padded || !Number.isSafeInteger(value) ? 'malformed' : { value, next: i + 1 }
    }
    factor *= 128
  }
  return 'malformed'
}

/** How many bytes `writeVarint` needs. */
export function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 128; rest /= 128) length++
  return length
}

/** Writes an unsigned varint into `into` at `at` and returns where the next byte goes. */
export function writeVarint(value: number, into: Uint8Array, at: number): number {
  let rest = value
  let position = at
  while (rest >= 128) {
    into[position++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  into[position++] = rest
  return position
}
