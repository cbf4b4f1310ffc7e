/** A multihash as the key of a `Map`: one character a byte. */
export function multihashKey(multihash: Uint8Array): string {
  return Buffer.from(multihash.buffer, multihash.byteOffset, multihash.length).toString('latin1')
}
