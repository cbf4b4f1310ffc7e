import type { Notices } from '../db/notices.ts'
import { AppError } from '../lib/errors.ts'
import { eventsCame } from './relay.ts'

/** Followers of live events: of one account, and in this process. */
const bounds = { perAccount: 50, inAll: 1_000 } as const

/** What processes tell each other: somebody began to listen, so whoever hands events on looks more often. */
const listeningBegan = 'listening'

/** Somebody who follows the events of an account. */
export interface Follower {
  /** Resolves with true when there may be new events, with false after `timeoutMs` or when following is over. */
  next(timeoutMs: number): Promise<boolean>
  /** Aborted when the process is going. */
  readonly signal: AbortSignal
  close(): void
}

/** Wakes those who follow events of an account when some came, in this process or another. */
export class EventFeed {
  readonly #followers = new Map<string, Set<Waiter>>()
  readonly #closing = new AbortController()
  readonly #notices: Notices
  #count = 0
  #onListening: () => void = () => undefined

  constructor({ notices }: { notices: Notices }) {
    this.#notices = notices
    notices.on((notice) => {
      if (notice === 'missed') this.#wakeAll()
      else if (notice.kind === listeningBegan) this.#onListening()
      else if (notice.kind === eventsCame) {
        if (notice.subject === '') this.#wakeAll()
        else this.wake([notice.subject])
      }
    })
  }

  /** Events of these accounts came. */
  wake(accountIds: readonly string[]): void {
    for (const id of accountIds) for (const waiter of this.#followers.get(id) ?? []) waiter.wake(true)
  }

  /** Has `listener` called when somebody begins to listen to an account, in this process or another. */
  onListening(listener: () => void): void {
    this.#onListening = listener
  }

  /** Somebody began to listen to an account. */
  tellListening(): void {
    this.#onListening()
    this.#notices.tell({ kind: listeningBegan, subject: '' })
  }

  /** Begins to follow. Throws `rate_limited` when the account, or everybody together, follows too often. */
  follow(accountId: string): Follower {
    const mine = this.#followers.get(accountId) ?? new Set()
    if (mine.size >= bounds.perAccount || this.#count >= bounds.inAll) {
      throw new AppError('rate_limited', 'Too many follow events already. Close a connection, or try again later.', {
        retryAfterSeconds: 30,
      })
    }
    const waiter = new Waiter()
    mine.add(waiter)
    this.#followers.set(accountId, mine)
    this.#count++
    return {
      signal: this.#closing.signal,
      next: (timeoutMs) => waiter.next(timeoutMs),
      close: () => {
        waiter.end()
        if (!mine.delete(waiter)) return
        this.#count--
        if (mine.size === 0) this.#followers.delete(accountId)
      },
    }
  }

  /** Ends all following. */
  close(): void {
    this.#closing.abort(new Error('The server is going.'))
  }

  #wakeAll(): void {
    for (const id of this.#followers.keys()) this.wake([id])
  }
}

/** One who waits, at most once at a time. What comes while it does not wait is not lost. */
class Waiter {
  #came = false
  #isOver = false
  #resolve: ((came: boolean) => void) | undefined

  next(timeoutMs: number): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(false)
    if (this.#came) {
      this.#came = false
      return Promise.resolve(true)
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(false), timeoutMs)
      this.#resolve = (came) => {
        clearTimeout(timer)
        this.#resolve = undefined
        resolve(came)
      }
    })
  }

  wake(came: boolean): void {
    if (this.#resolve !== undefined) this.#resolve(came)
    else if (came) this.#came = true
  }

  end(): void {
    this.#isOver = true
    this.wake(false)
  }
}
