import type { Reach } from '../../caller.ts'
import type { KeyvalueCondition } from './keyvalue-condition.ts'

/** The state of files that a list shows: `held`, `released` (history), `waiting` (asked for by CID, not here yet). */
export type ListedState = 'held' | 'released' | 'waiting'

/**
 * Which files a list shows, the same for every dialect. What is left out does not narrow; everything given must hold.
 * Times are milliseconds and sizes bytes, bounds inclusive.
 */
export interface FileFilter {
  readonly states: readonly ListedState[]
  /** Content, whatever its spelling; `none` when what was asked for is no CID, which no file has. */
  readonly cid?: { readonly multihash: Uint8Array; readonly codec: number } | 'none' | undefined
  /** A part of the CID's text as it was sent. */
  readonly cidContains?: string | undefined
  /** A part of the name, without regard to case. */
  readonly nameContains?: string | undefined
  readonly mimeType?: string | undefined
  /** A group's id; null is no group. */
  readonly group?: string | null | undefined
  readonly createdFrom?: number | undefined
  readonly createdTo?: number | undefined
  readonly releasedFrom?: number | undefined
  readonly releasedTo?: number | undefined
  readonly sizeMin?: number | undefined
  readonly sizeMax?: number | undefined
  readonly keyvalues?: readonly KeyvalueCondition[] | undefined
}

/** Whose files, on which network (as the tables have it), and which of them. */
export interface FileScope extends FileFilter {
  readonly accountId: string
  readonly network: number
  /** What of them who asks may see; left out: all. */
  readonly reach?: Reach | undefined
}

/** A text that is the same for filters that mean the same, given in whatever order. */
export function filterKey(scope: FileScope): string {
  const { cid, keyvalues = [], states, ...rest } = scope
  const content = cid === undefined || cid === 'none' ? cid : [Buffer.from(cid.multihash).toString('hex'), cid.codec]
  const given = Object.entries({ ...rest, cid: content }).filter(([, value]) => value !== undefined)
  given.sort(([a], [b]) => (a < b ? -1 : 1))
  const conditions = keyvalues.map(({ key, op, value, secondValue }) => JSON.stringify([key, op, value, secondValue]))
  return JSON.stringify([given, [...states].sort(), conditions.sort()])
}
