import { ApiError } from '@pinyon/contract/client.ts'
import type { EventKind } from '@pinyon/contract/event-kinds.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useEffect, useState } from 'react'
import { readEvents } from '../lib/read-events.ts'
import { client, noticeLoss } from './client.ts'

/** A page is asked for anew at most so often, however much happens. */
const tellEveryMs = 500
/** How long it is waited before the stream is opened again; twice as long each time, up to the last. */
const waits = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const

/**
 * Follows events of the account while the tab is shown, and has `onEvent` called when some of these kinds came or may
 * have been missed. True while the stream stands. A tab that is hidden gives its connection back: browsers keep few for
 * one server.
 */
export function useLive(kinds: readonly EventKind[], onEvent: () => Promise<void>): boolean {
  const [isLive, setLive] = useState(false)
  const asked = kinds.join(',')
  useEffect(() => {
    let ending: AbortController | undefined
    const look = () => {
      if (document.visibilityState === 'hidden') {
        ending?.abort()
        ending = undefined
      } else if (ending === undefined) {
        ending = new AbortController()
        void follow({ kinds: asked, signal: ending.signal, onLive: setLive, onEvent })
      }
    }
    look()
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      ending?.abort()
    }
  }, [asked, onEvent])
  return isLive
}

interface Following {
  readonly kinds: string
  readonly signal: AbortSignal
  readonly onLive: (isLive: boolean) => void
  readonly onEvent: () => Promise<void>
}

async function follow({ kinds, signal, onLive, onEvent }: Following): Promise<void> {
  const tell = atMostEvery(tellEveryMs, onEvent, signal)
  let lastEventId: string | undefined
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      const { body } = await client.open(routes.eventsFollow, { query: { kinds, lastEventId }, signal })
      if (body === null) return
      onLive(true)
      // What happened before the stream stood, and between two of them, is not told by it.
      tell()
      failures = 0
      for await (const { id, kind } of readEvents(body)) {
        lastEventId = kind === 'gap' ? undefined : (id ?? lastEventId)
        tell()
      }
    } catch (error) {
      if (signal.aborted) return
      noticeLoss(error)
      // Whoever may not follow events asks from time to time, as before.
      if (error instanceof ApiError && error.status === 403) return
    } finally {
      onLive(false)
    }
    await new Promise((resolve) => setTimeout(resolve, waits[Math.min(failures, waits.length - 1)]))
  }
}

/**
 * Calls at once, and then not again before so much time, nor before that call has ended: what is asked for anew while it
 * is under way is begun anew, and over a slow network it would never be there. What comes in between is one call at its end.
 */
function atMostEvery(ms: number, call: () => Promise<void>, signal: AbortSignal): () => void {
  let isWaiting = false
  let cameBetween = false
  const tell = () => {
    if (signal.aborted) return
    if (isWaiting) {
      cameBetween = true
      return
    }
    isWaiting = true
    const rest = new Promise((resolve) => setTimeout(resolve, ms))
    void Promise.all([call(), rest]).then(() => {
      isWaiting = false
      if (!cameBetween) return
      cameBetween = false
      tell()
    })
  }
  return tell
}
