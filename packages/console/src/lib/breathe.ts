/** The longest that work in slices holds the page: a frame has room for it and for what else has to be drawn. */
const sliceMs = 8

/** Lets long work pause for what people do meanwhile: `await breathe()` inside a loop costs next to nothing most times. */
export function createBreath(): () => Promise<void> | undefined {
  let since = performance.now()
  const takeBreath = async () => {
    await nextTurn()
    since = performance.now()
  }
  return () => {
    if (performance.now() - since < sliceMs) return undefined
    return takeBreath()
  }
}

/** A message comes after what waits already, and is not slowed down as timers are. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(undefined)
  })
}
