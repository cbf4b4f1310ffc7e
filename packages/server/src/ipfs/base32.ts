const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** Both characters of every ten bits, so that five bytes take four look-ups and no shifting by character. */
const pairs = Array.from({ length: 1024 }, (_, bits) => alphabet.charAt(bits >> 5) + alphabet.charAt(bits & 31))

/** RFC 4648 base32 in lower case without padding, as CIDs have it, without the multibase prefix. */
export function toBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let count = 0
  for (const byte of bytes) {
    bits = (bits << 8) | byte
    count += 8
    if (count >= 10) {
      count -= 10
      text += pairs[bits >> count]
      bits &= (1 << count) - 1
    }
  }
  if (count === 0) return text
  const last = pairs[bits << (10 - count)] ?? ''
  return text + (count > 5 ? last : last.charAt(0))
}

const values = new Int8Array(128).fill(-1)
for (const [value, character] of Buffer.from(alphabet).entries()) values[character] = value

/**
 * The bytes that `text` is in base32 from `start` on; undefined when it has another character, upper case included, or
 * bits left over that are not zero.
 */
export function fromBase32(text: string, start: number): Uint8Array | undefined {
  const bytes = new Uint8Array(((text.length - start) * 5) >> 3)
  let at = 0
  let bits = 0
  let count = 0
  for (let i = start; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? -1
    if (value < 0) return undefined
    bits = (bits << 5) | value
    count += 5
    if (count >= 8) {
      count -= 8
      bytes[at++] = bits >> count
      bits &= (1 << count) - 1
    }
  }
  return count >= 5 || bits !== 0 ? undefined : bytes
}
