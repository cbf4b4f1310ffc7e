import type { Cid } from '../ipfs/cid.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { readFile } from '../ipfs/read-file.ts'
import { findNode, type Node } from '../ipfs/read-node.ts'
import { sniffBytes } from '../lib/content-type.ts'
import { AppError } from '../lib/errors.ts'
import { detectType } from './detect-type.ts'

/** What kind of content a DAG is, told from its root and its first bytes. Throws what reading them does. */
export async function findDagType(source: SizedBlockSource, root: Cid): Promise<string> {
  const node = await findNode(source, root)
  switch (node?.kind) {
    case 'directory':
      return 'directory'
    case 'file':
    case 'raw':
      return typeOfFile(source, node)
    case 'symlink':
      return 'inode/symlink'
    case 'dag-cbor':
    case 'dag-json':
      return `application/vnd.ipld.${node.kind}`
    case 'cbor':
    case 'json':
      return `application/${node.kind}`
    case 'other':
    case undefined:
      return 'application/octet-stream'
  }
}

async function typeOfFile(source: SizedBlockSource, node: Node & { kind: 'file' | 'raw' }): Promise<string> {
  const pieces: Uint8Array[] = []
  try {
    for await (const piece of readFile(source, node, { range: { start: 0, end: sniffBytes } })) pieces.push(piece)
  } catch (error) {
    // A file whose sizes contradict each other is kept as the blocks it is; it cannot be read as a file.
    if (error instanceof AppError && error.code === 'invalid_block') return 'application/octet-stream'
    throw error
  }
  const bytes = Buffer.concat(pieces)
  return detectType('', { bytes, isWhole: bytes.length < sniffBytes })
}
