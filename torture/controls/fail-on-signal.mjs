// Loaded before the program (`--import`): signals by which a rig has it fail in its own thread, as a fault of its code would.
const kept = []
process.on('SIGUSR2', () => void Promise.reject(new Error('torture: nobody handles this')))
process.on('SIGWINCH', () =>
  setImmediate(() => {
    throw new Error('torture: nobody catches this')
  }),
)
// Until V8 gives up.
process.on('SIGPWR', () => {
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, at) => ({ at })))
})
