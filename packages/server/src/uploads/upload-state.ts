import { formatCid, parseCid } from '../ipfs/cid.ts'
import type { ImportState } from '../ipfs/import-file.ts'
import { type ImportedNode, layoutV0, layoutV1 } from '../ipfs/layout.ts'
import type { UploadChoice } from './upload-choice.ts'

/** A node as it stands in the table: CID, bytes of content, bytes of blocks, number of blocks. */
type WrittenNode = readonly [cid: string, contentBytes: number, cumulativeBytes: number, blockCount: number]

/** What was chosen, beside what the client believes its file to be called and to be. */
export interface ResumableChoice extends UploadChoice {
  readonly filename: string | undefined
  readonly contentType: string | undefined
}

/** A choice as text for the table. */
export function writeChoice({ layout, ...choice }: ResumableChoice): string {
  return JSON.stringify({ ...choice, cidVersion: layout.cidVersion })
}

/** That text as it was written. */
export function readChoice(text: string): ResumableChoice {
  // Written by `writeChoice`.
  const { cidVersion, ...choice } = JSON.parse(text) as Omit<ResumableChoice, 'layout'> & { cidVersion: 0 | 1 }
  return { ...choice, layout: cidVersion === 0 ? layoutV0 : layoutV1 }
}

/** How far an import is, as text for the table. */
export function writeState({ levels, leafCount }: ImportState): string {
  return JSON.stringify({ levels: levels.map((level) => level.map(writeNode)), leafCount })
}

/** That text as it was written. */
export function readState(text: string): ImportState {
  // Written by `writeState`.
  const { levels, leafCount } = JSON.parse(text) as { levels: WrittenNode[][]; leafCount: number }
  return { levels: levels.map((level) => level.map(readNode)), leafCount }
}

/** A node for the table. */
function writeNode({ cid, contentBytes, cumulativeBytes, blockCount }: ImportedNode): WrittenNode {
  return [formatCid(cid), contentBytes, cumulativeBytes, blockCount]
}

/** That node as it was written. */
function readNode([cid, contentBytes, cumulativeBytes, blockCount]: WrittenNode): ImportedNode {
  return { cid: parseCid(cid), contentBytes, cumulativeBytes, blockCount }
}

/** A node as text. */
export function writeNodeText(node: ImportedNode): string {
  return JSON.stringify(writeNode(node))
}

/** That text as it was written. */
export function readNodeText(text: string): ImportedNode {
  return readNode(JSON.parse(text) as WrittenNode) // written by `writeNodeText`
}
