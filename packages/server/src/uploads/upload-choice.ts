import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Keyvalues } from '../files/keyvalues.ts'
import type { Layout } from '../ipfs/layout.ts'

/** What an uploader chooses beside the bytes. It may be known only after them. */
export interface UploadChoice {
  readonly network: NetworkName
  readonly name: string | undefined
  readonly keyvalues: Keyvalues
  /** A group of that network; none without it. */
  readonly groupId?: string | null | undefined
  /** The regions that the uploader named, as JSON; those of the account without it. */
  readonly pinPolicy?: string | undefined
  readonly layout: Layout
  /** A directory is put around what was uploaded. */
  readonly isWrapped: boolean
  /** The bytes are a CAR; its root becomes the file. */
  readonly isCar: boolean
  /** Milliseconds. */
  readonly expiresAt: number | null
}

/** The part of a choice that decides how bytes become blocks, and where they go. The network may be unknown at first. */
export interface Form extends Pick<UploadChoice, 'layout' | 'isCar'> {
  readonly network: NetworkName | undefined
}
