import { ApiError } from '@pinyon/contract/client.ts'
import { actingAsHeaders, noticeLoss } from '../api/client.ts'
import { invalidateFiles } from '../api/files.ts'
import { Rate } from '../lib/rate.ts'
import type { Part } from './part.ts'
import { restoreLeft } from './restore-left.ts'
import { giveUp, isResumable } from './send-resumable.ts'
import { sendUntilDone } from './send-until-done.ts'
import { summarise, type UploadsSeen } from './summarise.ts'
import { forgetUnfinished, keepUnfinished, type Unfinished, whyOther } from './unfinished.ts'
import { isActive, isUnfinished, sentBytesOf, type Upload, type UploadPlan, type UploadState } from './upload.ts'

/** From here on uploads go one at a time: two would only share the same line and disk. */
const largeBytes = 16 * 1_048_576
/** Small ones take longer to ask for than to send. Browsers keep six connections to a server; the page needs some. */
const smallAtOnce = 3
/** How often what is seen changes. */
const showEveryMs = 100

/** The uploads of this tab. It lives beside the pages, so it goes on while they come and go. */
class UploadQueue {
  readonly #uploads = new Map<string, Upload>()
  readonly #running = new Map<string, AbortController>()
  /** Ends of what was sent before: an upload that goes on waits for that. */
  readonly #ends = new Map<string, Promise<void>>()
  readonly #listeners = new Set<() => void>()
  /** Those that wait for their turn, in order. */
  #queued: string[] = []
  #seen: UploadsSeen = summarise([], undefined)
  #isShowing = false
  readonly #rate = new Rate()
  #lastId = 0

  /** For useSyncExternalStore: told at most ten times a second. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** What there is to see; another object only when something changed. */
  readonly getSnapshot = (): UploadsSeen => this.#seen

  /** Takes uploads in; they start by themselves. */
  add(plans: readonly UploadPlan[]): void {
    const actingAs = actingAsHeaders()
    for (const plan of plans) {
      const id = String(++this.#lastId)
      this.#uploads.set(id, { ...plan, id, actingAs, state: { kind: 'queued' } })
      this.#queued.push(id)
    }
    this.#show()
    this.#startNext()
  }

  /** Shows what was left unfinished before the page was loaded: each needs its file again. */
  restore(): void {
    restoreLeft(actingAsHeaders(), (left) => {
      const id = String(++this.#lastId)
      this.#uploads.set(id, { ...left, id })
      this.#show()
    })
  }

  /** Goes on with a file or folder that was chosen again; says so in the row when it is another one. */
  goOnWith(id: string, parts: readonly Part[]): void {
    const upload = this.#uploads.get(id)
    if (upload?.unfinished === undefined || upload.state.kind !== 'fileMissing') return
    const why = whyOther(upload.unfinished, parts)
    if (why !== undefined) return this.#set(id, { ...upload.state, why })
    this.#uploads.set(id, { ...upload, parts })
    this.#queue(id)
  }

  /** Holds a resumable upload; what has arrived stays. */
  pause(id: string): void {
    const upload = this.#uploads.get(id)
    if (upload === undefined || !isActive(upload) || !isResumable(upload)) return
    this.#stop(id, { kind: 'paused', sentBytes: sentBytesOf(upload) })
    this.#startNext()
  }

  /** Goes on with it. */
  resume(id: string): void {
    if (this.#uploads.get(id)?.state.kind === 'paused') this.#queue(id)
  }

  /** Ends an upload before its time. Nothing of it stays on the server. */
  cancel(id: string): void {
    const upload = this.#uploads.get(id)
    if (upload === undefined || !isUnfinished(upload)) return
    this.#stop(id, { kind: 'cancelled' })
    this.#giveUp(id)
    // The server may have been done a moment before.
    invalidateFiles()
  }

  /** The same for all that have yet to end. */
  cancelAll(): void {
    for (const upload of this.#uploads.values()) {
      if (!isUnfinished(upload)) continue
      this.#stop(upload.id, { kind: 'cancelled' })
      this.#giveUp(upload.id)
    }
  }

  /** Begins an upload that failed or was cancelled once more. */
  retry(id: string): void {
    const kind = this.#uploads.get(id)?.state.kind
    if (kind === 'failed' || kind === 'cancelled') this.#queue(id)
  }

  /** The same for all that failed. */
  retryFailed(): void {
    for (const { id, state } of this.#uploads.values()) if (state.kind === 'failed') this.retry(id)
  }

  /** Takes those that have ended out of sight. */
  clear(): void {
    for (const upload of this.#uploads.values()) {
      if (isUnfinished(upload)) continue
      this.#giveUp(upload.id)
      this.#uploads.delete(upload.id)
    }
    this.#show()
  }

  #queue(id: string): void {
    this.#queued.push(id)
    this.#set(id, { kind: 'queued' })
    this.#startNext()
  }

  #stop(id: string, state: UploadState): void {
    this.#running.get(id)?.abort()
    this.#queued = this.#queued.filter((each) => each !== id)
    this.#set(id, state)
  }

  #giveUp(id: string): void {
    const upload = this.#uploads.get(id)
    if (upload?.unfinished === undefined) return
    this.#uploads.set(id, { ...upload, unfinished: undefined })
    forgetUnfinished(upload.unfinished.id)
    void giveUp(upload.unfinished)
  }

  #startNext(): void {
    const running = [...this.#running.keys()].map((id) => isLarge(this.#uploads.get(id)))
    let freeSmall = smallAtOnce - running.filter((large) => !large).length
    let freeLarge = running.includes(true) ? 0 : 1
    if (freeSmall + freeLarge === 0) return
    const chosen = this.#queued.filter((id) => {
      if (freeSmall + freeLarge === 0) return false
      return isLarge(this.#uploads.get(id)) ? freeLarge > 0 && freeLarge-- > 0 : freeSmall > 0 && freeSmall-- > 0
    })
    if (chosen.length === 0) return
    this.#queued = this.#queued.filter((id) => !chosen.includes(id))
    for (const id of chosen) void this.#run(id)
  }

  async #run(id: string): Promise<void> {
    const ending = new AbortController()
    this.#running.set(id, ending)
    const before = this.#ends.get(id)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ends.set(id, promise)
    await before
    if (this.#running.size === 1) this.#rate.restart()
    try {
      const file = await this.#send(id, ending.signal)
      this.#forget(id)
      this.#set(id, { kind: 'done', file })
      invalidateFiles()
    } catch (error) {
      if (ending.signal.aborted) return
      // What the server refused is no better when it goes on; after signing in again it may.
      if (error instanceof ApiError && error.status < 500 && ![401, 403, 409].includes(error.status)) this.#giveUp(id)
      this.#set(id, { kind: 'failed', error })
      noticeLoss(error)
    } finally {
      // One that was stopped and begun again has another by now.
      if (this.#running.get(id) === ending) this.#running.delete(id)
      if (this.#ends.get(id) === promise) this.#ends.delete(id)
      resolve()
      this.#startNext()
    }
  }

  #send(id: string, signal: AbortSignal): ReturnType<typeof sendUntilDone> {
    signal.throwIfAborted()
    const current = () => {
      const upload = this.#uploads.get(id)
      if (upload === undefined) throw new Error('The upload is gone')
      return upload
    }
    const telling = {
      onBegun: (unfinished: Unfinished) => this.#setBegun(id, unfinished),
      onStands: (bytes: number) => this.#setSent(id, bytes, signal, true),
      onSent: (bytes: number) => this.#setSent(id, bytes, signal),
      onWaiting: () => this.#set(id, { kind: 'waiting' }),
      onBack: () => this.#rate.restart(),
    }
    return sendUntilDone(current, telling, signal)
  }

  #setBegun(id: string, unfinished: Unfinished): void {
    const upload = this.#uploads.get(id)
    // Cancelled, and out of sight, while the server was asked.
    if (upload === undefined) return void giveUp(unfinished)
    if (upload.unfinished !== undefined && upload.unfinished.id !== unfinished.id) this.#forget(id)
    this.#uploads.set(id, { ...upload, unfinished })
    // Loose files that were put together are no folder that could be chosen again after a reload.
    if (!upload.isJoined) keepUnfinished(unfinished)
    if (upload.state.kind === 'cancelled') this.#giveUp(id)
  }

  #forget(id: string): void {
    const upload = this.#uploads.get(id)
    if (upload?.unfinished === undefined) return
    forgetUnfinished(upload.unfinished.id)
    this.#uploads.set(id, { ...upload, unfinished: undefined })
  }

  /** What was there already did not go now, and says nothing of how fast it goes. */
  #setSent(id: string, sentBytes: number, signal: AbortSignal, wasThere = false): void {
    const before = this.#uploads.get(id)
    if (before === undefined || signal.aborted) return
    if (!wasThere) this.#rate.add(Math.max(0, sentBytes - sentBytesOf(before)))
    const isAllSent = sentBytes >= before.sizeBytes && sentBytes > 0
    this.#set(id, isAllSent ? { kind: 'storing' } : { kind: 'sending', sentBytes })
  }

  #set(id: string, state: UploadState): void {
    const upload = this.#uploads.get(id)
    if (upload === undefined) return
    this.#uploads.set(id, { ...upload, state })
    this.#show()
  }

  #show(): void {
    if (this.#isShowing) return
    this.#isShowing = true
    setTimeout(() => {
      this.#isShowing = false
      this.#seen = summarise([...this.#uploads.values()], this.#rate.perSecond)
      for (const listener of this.#listeners) listener()
    }, showEveryMs)
  }
}

function isLarge(upload: Upload | undefined): boolean {
  return upload !== undefined && upload.sizeBytes >= largeBytes
}

/** The one queue of this tab. */
export const uploadQueue = new UploadQueue()
