import { expect, it, onTestFinished } from 'vitest'
import { upload } from './support/content.ts'
import { makeInstallation, type Process } from './support/processes.ts'

/** Processes are slow to start on a busy machine. */
const patient = { timeout: 60_000 }

const roles = ['api', 'gateway', 'worker', 'node'] as const

async function begin(kind: 'postgres' | 'sqlite') {
  const installation = await makeInstallation(kind)
  onTestFinished(() => installation.close())
  const first = await installation.start(roles)
  const key = await installation.setUp(first)
  const made = await first.ask('POST', '/pinyon/v1/names', { key, json: { label: 'site' } })
  const { id, name } = made.body as { id: string; name: string }
  const publish = (process: Process, cid: string) =>
    process.ask('POST', `/pinyon/v1/names/${id}/publish`, { key, json: { cid } })
  const read = async (process: Process) => (await fetch(`${process.gatewayUrl}/ipns/${name}`)).text()
  return { installation, first, key, id, publish, read }
}

it('a name is followed by gateway processes that nobody tells of a change', { timeout: 240_000 }, async () => {
  const { installation, first, key, publish, read } = await begin('postgres')
  const files = [await upload(first, key, [['a.txt', 'text 0']]), await upload(first, key, [['b.txt', 'text 1']])]
  await publish(first, files[0]?.cid ?? '')
  const other = await installation.start(['gateway'])
  const tooks: number[] = []
  for (let i = 0; i < 6; i++) {
    // What it has found before is what it could go on with.
    await expect.poll(() => read(other), patient).toBe(`text ${i % 2}`)
    await publish(first, files[(i + 1) % 2]?.cid ?? '')
    const from = performance.now()
    await expect.poll(() => read(other), { ...patient, interval: 20 }).toBe(`text ${(i + 1) % 2}`)
    tooks.push(performance.now() - from)
  }
  // Less than a second on a machine that has nothing else to do.
  expect(tooks.toSorted((a, b) => a - b)[2]).toBeLessThan(10_000)
})

it('no number is given twice when the process is killed while it publishes', { timeout: 240_000 }, async () => {
  const { installation, first, key, id, publish, read } = await begin('sqlite')
  const [a, b] = [await upload(first, key, [['a.txt', 'text a']]), await upload(first, key, [['b.txt', 'text b']])]
  const answered: { sequence: number; value: string }[] = []
  const going = (async () => {
    for (let i = 0; ; i++) answered.push((await publish(first, i % 2 === 0 ? a.cid : b.cid)).body)
  })()
  const ended = going.catch((error: unknown) => error)
  await expect.poll(() => answered.length, patient).toBeGreaterThan(10)
  await first.kill()
  expect(String(await ended)).toContain('fetch failed')
  const second = await installation.start(roles)
  const { body } = await second.ask('GET', `/pinyon/v1/names/${id}/history?limit=1000`, { key })
  const history = (body.history as { sequence: number; value: string }[]).toReversed()
  expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, i) => i + 1))
  const last = answered.at(-1)?.sequence ?? 0
  expect(history.slice(0, last).map(({ value }) => value)).toEqual(answered.map(({ value }) => value))
  const next = await publish(second, a.cid)
  expect(next.body.sequence).toBe(history.length + 1)
  await expect.poll(() => read(second), patient).toBe('text a')
})
