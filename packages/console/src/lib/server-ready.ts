/** Whether the server answers and takes requests. */
export async function isServerReady(): Promise<boolean> {
  try {
    return (await fetch('/health/ready', { cache: 'no-store', signal: AbortSignal.timeout(5_000) })).ok
  } catch {
    return false // nobody there yet
  }
}

/** Ends when the server is ready, looking less often the longer it takes. Throws when the signal says so. */
export async function untilServerReady(signal: AbortSignal): Promise<void> {
  for (let waitMs = 500; ; waitMs = Math.min(waitMs * 1.5, 10_000)) {
    await pause(waitMs, signal)
    if (await isServerReady()) return
  }
}

/** Waits. Throws when the signal says so. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(new DOMException('Cancelled', 'AbortError'))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
  })
}
