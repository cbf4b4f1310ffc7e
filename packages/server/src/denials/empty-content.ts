import { multihashKey } from '../ipfs/multihash-key.ts'
import { sha256Multihash } from '../ipfs/multihash.ts'

/** Multihashes of nothing: no bytes, an empty file, an empty directory, an empty map of DAG-CBOR and of DAG-JSON. Much that is harmless has one of them in it. */
const emptyContent = new Set(
  [[], [0x0a, 0x02, 0x08, 0x01], [0x0a, 0x04, 0x08, 0x02, 0x18, 0x00], [0xa0], [0x7b, 0x7d]].map((bytes) =>
    multihashKey(sha256Multihash([Uint8Array.from(bytes)])),
  ),
)

/** Whether content says nothing: denying it would strike folders and files of everybody. */
export function isEmptyContent(multihash: Uint8Array): boolean {
  return emptyContent.has(multihashKey(multihash))
}
