import type { FileWithKeyvalues } from '../files/get-file.ts'
import type { FetchProgress } from './queries.ts'

/** A pin by CID: its file, and how far the fetch is that it waits for. */
export interface PinRequest extends FileWithKeyvalues {
  /** Undefined for what is pinned. */
  readonly fetch: FetchProgress | undefined
}
