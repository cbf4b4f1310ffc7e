import type { IncomingMessage } from 'node:http'

/** A body must bring this many bytes in every window; a slow but living upload does. */
const minBytes = 1_024
const windowMs = 12_000

/**
 * Watches a body that is coming in and calls `onSlow` once when less than 1 KiB came in 12 s although we were reading.
 * Total time is never a reason: an upload at 64 KB/s may take hours. Returns how to stop watching.
 */
export function watchBodyRate(raw: IncomingMessage, onSlow: () => void): () => void {
  let before = raw.socket.bytesRead
  const timer = setInterval(() => {
    const now = raw.socket.bytesRead
    // While our own side is not taking bytes (a full buffer, a paused stream) the client is not to blame.
    const ourTurn = raw.readableLength > 0 || raw.isPaused()
    if (!raw.complete && !ourTurn && now - before < minBytes) {
      clearInterval(timer)
      onSlow()
      return
    }
    before = now
  }, windowMs)
  timer.unref()
  return () => clearInterval(timer)
}
