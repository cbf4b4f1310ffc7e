/**
 * Watches for how long this thread computes without letting the event loop go round, for tests of that promise. In its
 * own processor time, so that a busy machine does not count.
 */
export function watchLoop(): { longestMs(): number } {
  let longest = 0
  let last = computedMs()
  const look = (): void => {
    const now = computedMs()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(look, 1)
  return {
    longestMs() {
      look()
      clearInterval(timer)
      return longest
    },
  }
}

function computedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
