import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../src/db/database.ts'
import type { Answered, KeyValues } from './support/app.ts'
import { nothingFetched, unknownCid } from './support/pins.ts'
import { type Installation, makeInstallation, type Process } from './support/processes.ts'

/** A write that its client sends again, with the same name, until it is answered. */
interface Write {
  readonly name: string
  readonly path: string
  readonly json: Record<string, unknown>
}

const clients = 16
const kills = 2

let installation: Installation
afterEach(() => installation.close())

/** The database of the installation, beside the processes. */
function openBeside(kind: 'postgres' | 'sqlite') {
  const config =
    kind === 'postgres'
      ? ({ kind, url: installation.databaseUrl } as const)
      : ({ kind, file: `${installation.dataDir}/pinyon.db` } as const)
  return openDatabase(config, { clock: { now: () => Date.now() }, readOnly: true })
}

const allRoles = ['api', 'gateway', 'worker', 'node'] as const

describe.each(['sqlite', 'postgres'] as const)('writes with an Idempotency-Key under kill -9 on %s', (kind) => {
  it('have one effect and one answer, however often they are sent', { timeout: 240_000 }, async () => {
    installation = await makeInstallation(kind)
    const start = () => installation.start(allRoles, nothingFetched)
    let process = await start()
    const key = await installation.setUp(process)
    const answers = new Map<string, Answered>()
    const writes: Write[] = []
    let serial = 0
    const next = (): Write => {
      const name = `write-${++serial}`
      const ways = [
        { path: '/psa/pins', json: { cid: unknownCid(), name } },
        { path: '/pinning/pinByHash', json: { hashToPin: unknownCid(), pinataMetadata: { name } } },
        { path: '/pinning/pinJSONToIPFS', json: { pinataContent: { name }, pinataMetadata: { name } } },
        { path: '/v3/groups/private', json: { name } },
        { path: '/v3/pinata/keys', json: { keyName: name, permissions: { admin: true } } },
      ]
      return { name, ...ways[serial % ways.length]! } // five
    }
    let isOver = false
    let resent = 0
    const send = ({ name, path, json }: Write) =>
      process.ask('POST', path, { key, json, headers: { 'idempotency-key': name } })
    const client = async () => {
      while (!isOver) {
        const write = next()
        writes.push(write)
        for (let times = 0; ; times++) {
          if (times > 0) resent++
          const answered = await send(write).catch(() => undefined)
          // Being carried out, by a process that is perhaps dead: it is asked again.
          const isDone = answered?.status !== 409 || answered.body.error?.isCarriedOut === true
          if (answered !== undefined && answered.status !== 503 && isDone) {
            answers.set(write.name, answered)
            break
          }
          await setTimeout(20)
        }
      }
    }
    const running = Array.from({ length: clients }, client)
    for (let kill = 0; kill < kills; kill++) {
      const least = answers.size + 40
      await expect.poll(() => answers.size, { timeout: 60_000, interval: 20 }).toBeGreaterThan(least)
      await process.kill()
      process = await start()
    }
    isOver = true
    await Promise.all(running)
    expect(resent).toBeGreaterThan(0)
    for (const write of writes) {
      const first = answers.get(write.name)
      const again = await send(write)
      const isSecret = write.path === '/v3/pinata/keys'
      // What shows a secret was answered to one sender at most.
      if (isSecret) expect([write, again.status]).toEqual([write, 409])
      else expect([write, again.status, again.body]).toEqual([write, first?.status, first?.body])
      if (!isSecret) expect([write, first?.status]).toEqual([write, first?.status === 202 ? 202 : 200])
    }
    const db = await openBeside(kind)
    try {
      const names = async (table: 'files' | 'groups' | 'keys') => {
        const rows = await db.read.selectFrom(table).select('name').execute()
        return rows
          .map(({ name }) => name ?? '')
          .filter((name) => name.startsWith('write-'))
          .toSorted()
      }
      const made = [...(await names('files')), ...(await names('groups')), ...(await names('keys'))]
      expect(made.toSorted()).toEqual(writes.map(({ name }) => name).toSorted())
    } finally {
      await db.close()
    }
  })
})

describe('bulk operations over processes', () => {
  const pins = 200

  async function begin(api: Process, key: KeyValues) {
    const cids = Array.from({ length: pins }, unknownCid)
    const started = await api.ask('POST', '/pinyon/v1/bulk/pin', { key, json: { pins: cids.map((cid) => ({ cid })) } }) // prettier-ignore
    return { cids, id: started.body.job.id as string }
  }
  async function madeBy(accountId: string): Promise<string[]> {
    const db = await openBeside('postgres')
    try {
      const rows = await db.read.selectFrom('files').select('cid').where('account_id', '=', accountId).execute()
      return rows.map(({ cid }) => cid).toSorted()
    } finally {
      await db.close()
    }
  }

  it('do each item once when their worker is killed again and again', { timeout: 240_000 }, async () => {
    installation = await makeInstallation()
    const start = () => installation.start(['worker', 'gateway'], nothingFetched)
    const api = await installation.start(['api'], nothingFetched)
    const key = await installation.setUp(api)
    const { cids, id } = await begin(api, key)
    const db = await openBeside('postgres')
    const doneOf = async () => (await db.read.selectFrom('bulks').select('done').executeTakeFirst())?.done ?? 0
    let killedAmid = 0
    try {
      for (let round = 0; round < 3; round++) {
        const before = await doneOf()
        const worker = await start()
        await expect.poll(doneOf, { timeout: 60_000, interval: 20 }).toBeGreaterThan(before)
        await worker.kill()
        const done = await doneOf()
        if (done < pins) killedAmid++
        if (done === pins) break
        // The lease of a dead worker runs out in a minute; here at once.
        await endLeases()
      }
      expect(killedAmid).toBeGreaterThan(0)
      await start()
      const shown = async () => (await api.ask('GET', `/pinyon/v1/bulk/${id}`, { key })).body
      await expect.poll(shown, { timeout: 90_000 }).toMatchObject({ state: 'done', total: pins, done: pins, failed: 0 })
    } finally {
      await db.close()
    }
    expect(await madeBy(key.accountId)).toEqual(cids.toSorted())
  })

  it('do nothing by a worker that stood still past its lease', { timeout: 240_000 }, async () => {
    installation = await makeInstallation()
    const start = () => installation.start(['api', 'worker', 'gateway'], nothingFetched)
    const [asleep, api] = [await start(), await installation.start(['api'], nothingFetched)]
    const key = await installation.setUp(api)
    const { cids, id } = await begin(api, key)
    const db = await openBeside('postgres')
    const bulk = async () => db.read.selectFrom('bulks').select(['done', 'state']).executeTakeFirstOrThrow()
    try {
      await expect.poll(async () => (await bulk()).done, { timeout: 60_000, interval: 20 }).toBeGreaterThan(20)
      asleep.child.kill('SIGSTOP')
      const { done } = await bulk()
      expect(done).toBeLessThan(pins)
      // What it had open in the database ends by the time that the database gives it.
      const ended = () => endLeases().then(() => true)
      await expect.poll(() => ended().catch(() => false), { timeout: 90_000 }).toBe(true)
      await start()
      await expect.poll(bulk, { timeout: 90_000 }).toMatchObject({ state: 'done', done: pins })
      asleep.child.kill('SIGCONT')
      // It answers again, so it has woken, and its timers have fired.
      await expect.poll(async () => (await asleep.ask('GET', '/health/ready')).status).toBe(200)
      await expect.poll(() => asleep.output(), { timeout: 60_000 }).toContain('another worker took the job over')
      const shown = (await api.ask('GET', `/pinyon/v1/bulk/${id}`, { key })).body
      expect(shown).toMatchObject({ state: 'done', total: pins, done: pins, failed: 0 })
    } finally {
      await db.close()
    }
    expect(await madeBy(key.accountId)).toEqual(cids.toSorted())
  })

  /** As if the time of every lease were over. */
  async function endLeases(): Promise<void> {
    const db = await openDatabase(
      { kind: 'postgres', url: installation.databaseUrl },
      { clock: { now: () => Date.now() } },
    )
    try {
      await db.write((tx) => tx.updateTable('jobs').set({ lease_until: 1 }).where('kind', '=', 'bulk').where('lease_until', 'is not', null).execute()) // prettier-ignore
    } finally {
      await db.close()
    }
  }
})
