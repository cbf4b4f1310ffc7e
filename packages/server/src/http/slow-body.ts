import type { IncomingMessage } from 'node:http'

/** A body must bring this many bytes in every window; a slow but living upload does. */
const minBytes = 1_024

/**
 * Watches a body that is coming in and calls `onSlow` once when less than 1 KiB came in `windowMs` although we were
 * reading. Total time is never a reason: an upload at 64 KB/s may take hours. Returns how to stop watching.
 */
export function watchBodyRate(raw: IncomingMessage, windowMs: number, onSlow: () => void): () => void {
  let before = raw.socket.bytesRead
  let since = performance.now()
  const timer = setInterval(() => {
    // While our own side is not taking bytes (a full buffer, a paused stream) the client is not to blame.
    // A stream that is read by `readable` always counts as paused.
    const isPaused = raw.isPaused() && raw.listenerCount('readable') === 0
    const ourTurn = raw.readableLength > 0 || isPaused
    if (raw.complete) return clearInterval(timer)
    if (ourTurn || raw.socket.bytesRead - before >= minBytes) {
      before = raw.socket.bytesRead
      since = performance.now()
    } else if (performance.now() - since >= windowMs) {
      clearInterval(timer)
      onSlow()
    }
  }, windowMs / 8)
  timer.unref()
  return () => clearInterval(timer)
}
