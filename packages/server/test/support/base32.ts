const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The bytes of base32 without padding, as authenticator apps are given them. */
export function fromBase32(text: string): Uint8Array {
  const bits = text
    .split('')
    .map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Uint8Array.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
}
