import { actingAsHeaders, noticeLoss } from '../api/client.ts'
import { invalidateFiles } from '../api/files.ts'
import { isServerReady, pause, untilServerReady } from '../lib/server-ready.ts'
import { Rate } from '../lib/rate.ts'
import { CannotSend, findUnreadable, isAway, sendUpload } from './send-upload.ts'
import { summarise, type UploadsSeen } from './summarise.ts'
import { isUnfinished, sentBytesOf, type Upload, type UploadPlan, type UploadState } from './upload.ts'

/** From here on uploads go one at a time: two would only share the same line and disk. */
const largeBytes = 16 * 1_048_576
/** Small ones take longer to ask for than to send. Browsers keep six connections to a server; the page needs some. */
const smallAtOnce = 3
/** Tries of one upload whose connection breaks although the server answers. */
const mostTries = 4
/** How often what is seen changes. */
const showEveryMs = 100

/** The uploads of this tab. It lives beside the pages, so it goes on while they come and go. */
class UploadQueue {
  readonly #uploads = new Map<string, Upload>()
  readonly #running = new Map<string, AbortController>()
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

  /** Ends an upload before its time. Nothing of it stays on the server. */
  cancel(id: string): void {
    const upload = this.#uploads.get(id)
    if (upload === undefined || !isUnfinished(upload)) return
    this.#running.get(id)?.abort()
    this.#queued = this.#queued.filter((each) => each !== id)
    this.#set(id, { kind: 'cancelled' })
    // The server may have been done a moment before.
    invalidateFiles()
  }

  /** The same for all that have yet to end. */
  cancelAll(): void {
    this.#queued = []
    for (const upload of this.#uploads.values()) {
      if (!isUnfinished(upload)) continue
      this.#running.get(upload.id)?.abort()
      this.#set(upload.id, { kind: 'cancelled' })
    }
  }

  /** Begins an upload that failed or was cancelled once more. */
  retry(id: string): void {
    const kind = this.#uploads.get(id)?.state.kind
    if (kind !== 'failed' && kind !== 'cancelled') return
    this.#queued.push(id)
    this.#set(id, { kind: 'queued' })
    this.#startNext()
  }

  /** The same for all that failed. */
  retryFailed(): void {
    for (const { id, state } of this.#uploads.values()) if (state.kind === 'failed') this.retry(id)
  }

  /** Takes those that have ended out of sight. */
  clear(): void {
    for (const upload of this.#uploads.values()) if (!isUnfinished(upload)) this.#uploads.delete(upload.id)
    this.#show()
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
    const upload = this.#uploads.get(id)
    if (upload === undefined) return
    const ending = new AbortController()
    this.#running.set(id, ending)
    if (this.#running.size === 1) this.#rate.restart()
    try {
      const file = await this.#sendUntilDone(upload, ending.signal)
      this.#set(id, { kind: 'done', file })
      invalidateFiles()
    } catch (error) {
      if (ending.signal.aborted) return
      this.#set(id, { kind: 'failed', error })
      noticeLoss(error)
    } finally {
      // One that was cancelled and begun again has another by now.
      if (this.#running.get(id) === ending) this.#running.delete(id)
      this.#startNext()
    }
  }

  async #sendUntilDone(upload: Upload, signal: AbortSignal): ReturnType<typeof sendUpload> {
    for (let tries = 1; ; tries++) {
      try {
        this.#setSent(upload, 0, signal)
        return await sendUpload(upload, (bytes) => this.#setSent(upload, bytes, signal), signal)
      } catch (error) {
        if (signal.aborted || !isAway(error)) throw error
        this.#set(upload.id, { kind: 'waiting' })
        if (await isServerReady()) {
          const path = await findUnreadable(upload.parts)
          if (path !== undefined)
            throw new CannotSend(
              `${path} cannot be read any more: it was changed, moved or deleted since you chose it.`,
            )
          if (tries >= mostTries) throw error
          await pause(1_000 * tries, signal)
        } else {
          tries = 0
          await untilServerReady(signal)
        }
        this.#rate.restart()
      }
    }
  }

  #setSent(upload: Upload, sentBytes: number, signal: AbortSignal): void {
    const before = this.#uploads.get(upload.id)
    if (before === undefined || signal.aborted) return
    this.#rate.add(Math.max(0, sentBytes - sentBytesOf(before)))
    const isAllSent = sentBytes >= upload.sizeBytes && sentBytes > 0
    this.#set(upload.id, isAllSent ? { kind: 'storing' } : { kind: 'sending', sentBytes })
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
