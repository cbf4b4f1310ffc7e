import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Keyvalues } from './keyvalues.ts'

/** A file as it is where it comes from, and is to be here. */
export interface ImportItem {
  /** The service, and the id there; without an id and a date it is known by content and name. */
  readonly source: string
  readonly sourceId: string | undefined
  readonly cid: string
  readonly name: string | null
  readonly keyvalues: Keyvalues
  /** The name of its group. */
  readonly group?: string | null
  readonly network: NetworkName
  readonly createdAt: string | undefined
  readonly expiresAt: string | null
  /** The type that it had; nothing is said of it for folders and where nobody knows. */
  readonly mimeType?: string | undefined
  readonly kind: 'upload' | 'cid'
}

/** A type as it may be said of an import: services have also written words of their own there. */
export function typeOf(text: string | null | undefined): { mimeType?: string } {
  return text != null && text.length <= 127 && /^[\w.+-]+\/[\w.+-]+(;[\x20-\x7e]*)?$/.test(text)
    ? { mimeType: text }
    : {}
}

/** What became of an item. */
export interface Outcome {
  readonly item: ImportItem
  /** `here`: it was here before. `waiting`: asked for by CID, and not here yet. `listed`: nothing was done. */
  readonly state: 'imported' | 'here' | 'waiting' | 'failed' | 'listed'
  /** The id of the file here. */
  readonly id?: string
  readonly error?: string
  /** The pin by CID that waits for it. */
  readonly requestId?: string
}

/** A CAR on its way. It may be opened again when the server asks for patience. */
export interface CarBody {
  readonly sizeBytes: number | undefined
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** Removes what was laid aside for it. */
  close?(): Promise<void>
}

/** What gives the content of items; undefined when it has nothing for this one. Throws SourceFailed. */
export type Way = (item: ImportItem) => Promise<CarBody | undefined>

/** Content, or a list, could not be had where it was looked for. */
export class SourceFailed extends Error {
  override readonly name = 'SourceFailed'
  /** The status, where something was answered. */
  readonly status: number | undefined

  constructor(message: string, { status, cause }: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, { cause })
    this.status = status
  }
}

/** It was asked for by CID, and is still looked for. */
export class StillWaiting extends Error {
  override readonly name = 'StillWaiting'
  readonly requestId: string

  constructor(requestId: string) {
    super('Asked for by CID, and not here yet.')
    this.requestId = requestId
  }
}
