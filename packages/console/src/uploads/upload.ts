import type { AnswerOf } from '@pinyon/contract/client.ts'
import type { routes } from '@pinyon/contract/routes.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Part } from './part.ts'
import type { Unfinished } from './unfinished.ts'

type Answer = AnswerOf<typeof routes.filesUpload>['data']

/** What came of an upload. */
export type UploadedFile = Pick<Answer, 'id' | 'cid' | 'network'> & Partial<Pick<Answer, 'is_duplicate'>>

/** What is to be uploaded: one file, or a folder of them. */
export interface UploadPlan {
  readonly title: string
  readonly isFolder: boolean
  /** A folder that is none on disk: loose files were put together. */
  readonly isJoined: boolean
  readonly isCar: boolean
  readonly network: NetworkName
  /** The id of the group it goes into. */
  readonly group: string | undefined
  readonly parts: readonly Part[]
  readonly sizeBytes: number
}

/** Where an upload is. */
export type UploadState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'sending'; readonly sentBytes: number }
  /** All bytes have left; the server has yet to say that it holds them. */
  | { readonly kind: 'storing' }
  /** The server does not answer; the upload goes on by itself. */
  | { readonly kind: 'waiting' }
  /** Somebody said so. */
  | { readonly kind: 'paused'; readonly sentBytes: number }
  /** The page was loaded again, and a page keeps no files; `why` says what was wrong with the one that was chosen. */
  | { readonly kind: 'fileMissing'; readonly sentBytes: number; readonly why?: string | undefined }
  | { readonly kind: 'done'; readonly file: UploadedFile }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'cancelled' }

/** An upload in the queue. */
export interface Upload extends UploadPlan {
  readonly id: string
  /** Headers that say whose it will be: another tab may sign somebody else in while it waits. */
  readonly actingAs: Readonly<Record<string, string>>
  /** What there is to go on with, once a resumable upload has begun. */
  readonly unfinished?: Unfinished | undefined
  readonly state: UploadState
}

/** Whether an upload goes on by itself. */
export function isActive({ state: { kind } }: Upload): boolean {
  return kind === 'queued' || kind === 'sending' || kind === 'storing' || kind === 'waiting'
}

/** Whether an upload has yet to end. */
export function isUnfinished(upload: Upload): boolean {
  return isActive(upload) || upload.state.kind === 'paused' || upload.state.kind === 'fileMissing'
}

/** How much of an upload has left this browser. */
export function sentBytesOf({ state, sizeBytes }: Upload): number {
  if ('sentBytes' in state) return state.sentBytes
  return state.kind === 'storing' || state.kind === 'done' ? sizeBytes : 0
}
