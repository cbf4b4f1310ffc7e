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
