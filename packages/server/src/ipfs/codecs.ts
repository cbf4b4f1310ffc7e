/** Codec numbers of the multicodec table (https://github.com/multiformats/multicodec) that are understood here. */
export const codecs = {
  raw: 0x55,
  dagPb: 0x70,
  dagCbor: 0x71,
  libp2pKey: 0x72,
  dagJson: 0x0129,
} as const
