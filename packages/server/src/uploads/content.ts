import type { Cid } from '../ipfs/cid.ts'
import type { WrittenBlocks } from '../pins/written-blocks.ts'

/** What was found out about content that is in the packs. */
export interface Content {
  readonly root: Cid
  readonly written: WrittenBlocks
  readonly sizeBytes: number
  readonly numberOfFiles: number
  readonly mimeType: string
  /** What its first bytes say, where its name may say something else. */
  readonly sniffedType?: string
  /** What the file is called when nobody says otherwise. */
  readonly defaultName: string | null
}
