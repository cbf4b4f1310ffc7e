import { afterAll, expect, it } from 'vitest'
import { applyLoad, findViolations, History } from './support/history.ts'
import { removeData, setUp, startServer, type TestServer } from './support/server.ts'

const rounds = 20
const clients = 6

let server: TestServer | undefined

afterAll(async () => {
  if (server === undefined) return
  await server.kill()
  await removeData(server)
})

it(`loses nothing that was acknowledged, over ${rounds} rounds of kill -9 at a random moment`, async () => {
  server = await startServer()
  const admin = await setUp(server)
  const history = new History()
  for (let round = 0; round < rounds; round++) {
    const life = server
    const stop = new AbortController()
    const load = Array.from({ length: clients }, (_, at) =>
      applyLoad(life.apiUrl, admin, history, round * 100 + at + 1, stop.signal),
    )
    // After some answers of each kind, and then at any moment: however slow the machine is, there is something to lose.
    await expect.poll(() => progress(history), { interval: 5 }).toBeGreaterThan(round)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 200))
    await life.kill()
    stop.abort()
    await Promise.all(load)
    server = await startServer({ dataDir: life.dataDir })
    expect(await findViolations(server, admin, history), `round ${round}`).toEqual([])
  }
  const acknowledged = acknowledgedOf(history)
  const unknown = history.uploads.filter(({ outcome }) => outcome === 'unknown').length
  // A load that nothing came of, or that no kill cut off, would prove nothing.
  expect(acknowledged).toBeGreaterThan(rounds * 5)
  expect(unknown).toBeGreaterThan(rounds)
  expect(endedOf(history)).toBeGreaterThanOrEqual(rounds)
}, 600_000)

const acknowledgedOf = ({ uploads }: History) => uploads.filter(({ outcome }) => outcome === 'ok').length
const endedOf = ({ pins }: History) => pins.flatMap(({ ended }) => ended).length

/** How many rounds what was acknowledged would do for: six uploads and a pin that was ended in each. */
function progress(history: History): number {
  return Math.min(Math.floor(acknowledgedOf(history) / 6), endedOf(history))
}

it('finds a violation when there is one: the checker can fail', async () => {
  if (server === undefined) throw new Error('the first test starts the server')
  const admin = await setUpOnce(server)
  const history = new History()
  const kept = () =>
    history.uploads.filter(({ outcome, unpin, how }) => outcome === 'ok' && unpin === undefined && how !== 'v3')
  const pinned = () =>
    history.pins.filter(({ outcome, removal, cids }) => outcome === 'ok' && removal === undefined && cids.length === 1)
  const stop = new AbortController()
  const load = applyLoad(server.apiUrl, admin, history, 7, stop.signal)
  // Two of each: the last request of the load may end one.
  await expect.poll(() => Math.min(kept().length, pinned().length), { interval: 5 }).toBeGreaterThan(1)
  stop.abort()
  await load
  const [[lost], [replaced]] = [kept(), pinned()]
  if (lost === undefined || replaced === undefined) throw new Error('the load kept nothing')
  // An upload and a pin that vanish behind the checker's back.
  await fetch(`${server.apiUrl}/psa/pins/${replaced.id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${admin.JWT}` },
  })
  await fetch(`${server.apiUrl}/pinning/unpin/${lost.cid}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${admin.JWT}` },
  })
  const violations = (await findViolations(server, admin, history)).join('\n')
  expect(violations).toContain('is not listed')
  expect(violations).toContain(`the acknowledged pin ${replaced.name} is lost`)
}, 120_000)

/** A server of its own for the control. */
async function setUpOnce(before: TestServer): Promise<Awaited<ReturnType<typeof setUp>>> {
  await before.kill()
  await removeData(before)
  server = await startServer()
  return setUp(server)
}
