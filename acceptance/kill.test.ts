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
    const lifeMs = 150 + Math.random() * 700
    const load = Array.from({ length: clients }, (_, at) =>
      applyLoad(life.apiUrl, admin, history, round * 100 + at + 1, performance.now() + lifeMs + 300),
    )
    await new Promise((resolve) => setTimeout(resolve, lifeMs))
    await life.kill()
    await Promise.all(load)
    server = await startServer({ dataDir: life.dataDir })
    expect(await findViolations(server, admin, history), `round ${round}`).toEqual([])
  }
  const acknowledged = history.uploads.filter(({ outcome }) => outcome === 'ok').length
  const unknown = history.uploads.filter(({ outcome }) => outcome === 'unknown').length
  // A load that nothing came of, or that no kill cut off, would prove nothing.
  expect(acknowledged).toBeGreaterThan(rounds * 5)
  expect(unknown).toBeGreaterThan(rounds)
  expect(history.pins.flatMap(({ ended }) => ended).length).toBeGreaterThan(rounds)
}, 300_000)

it('finds a violation when there is one: the checker can fail', async () => {
  if (server === undefined) throw new Error('the first test starts the server')
  const admin = await setUpOnce(server)
  const history = new History()
  await applyLoad(server.apiUrl, admin, history, 7, performance.now() + 1_500)
  const lost = history.uploads.find(
    ({ outcome, unpin, how }) => outcome === 'ok' && unpin === undefined && how !== 'v3',
  )
  if (lost === undefined) throw new Error('the load acknowledged nothing')
  const replaced = history.pins.find(
    ({ outcome, removal, cids }) => outcome === 'ok' && removal === undefined && cids.length === 1,
  )
  if (replaced === undefined) throw new Error('the load acknowledged no pin')
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
}, 60_000)

/** A server of its own for the control. */
async function setUpOnce(before: TestServer): Promise<Awaited<ReturnType<typeof setUp>>> {
  await before.kill()
  await removeData(before)
  server = await startServer()
  return setUp(server)
}
