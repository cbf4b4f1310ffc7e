/** Codec numbers of the multicodec table (https://github.com/multiformats/multicodec) that are understood here. */
export const codecs = {
  /** Bytes and nothing else. */
  raw: 0x55,
  dagPb: 0x70,
  dagCbor: 0x71,
  dagJson: 0x0129,
  /** CBOR and JSON without links. */
  cbor: 0x51,
  json: 0x0200,
  /** The key behind an IPNS name: the codec of names, never of blocks. */
  libp2pKey: 0x72,
} as const
