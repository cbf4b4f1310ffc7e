import { describe, expect, it } from 'vitest'
import { type Cid } from '../src/ipfs/cid.ts'
import { codecs } from '../src/ipfs/codecs.ts'
import { sha256Multihash } from '../src/ipfs/multihash.ts'
import { importSample, sampleBytes } from '../src/ipfs/sample-dags.ts'
import { claimInTurn } from '../src/jobs/lanes.ts'
import { failFetch } from '../src/requests/fail-fetch.ts'
import { fetchJob } from '../src/requests/queue-fetch.ts'
import { queuedPins } from '../src/requests/queued-pins.ts'
import { retryPin } from '../src/requests/retry-pin.ts'
import type { Services } from '../src/services.ts'
import { databases } from './support/ledger.ts'
import { type Engine, openEngine } from './support/pin-engine.ts'

let unknown = 0
/** Each time another one. */
function unknownRoot(): Cid {
  return { version: 1, codec: codecs.raw, multihash: sha256Multihash([Buffer.from(`nobody has ${unknown++}`)]) }
}

describe.each(databases)('pins that wait for their turn on %s', (kind) => {
  async function open() {
    const engine = await openEngine(kind)
    for (const account of ['a', 'b', 'c']) await engine.addAccount(account)
    const source = queuedPins({ deadlineMs: 86_400_000, newId: engine.services.newId })
    const { db, clock } = engine.services
    const ownerOf = async (subject: string) => (await engine.fetches()).find(({ id }) => id === subject)?.account_id
    /** Whose jobs are taken, in order. */
    async function take(limit: number, after = '') {
      const now = clock.now()
      const request = { kind: fetchJob, now, leaseUntil: now + 60_000, limit, after }
      const { jobs } = await db.write((tx) => claimInTurn(tx, 'new', request, source))
      return Promise.all(jobs.map(({ subject }) => ownerOf(subject)))
    }
    return { ...engine, source, take }
  }
  const rowsOf = ({ services }: Pick<Engine, 'services'>) =>
    services.db.read.selectFrom('requests').select(['file_id', 'fetch_id']).orderBy('file_id').execute()

  it('are rows of files alone, and begin with all pins of the account that want the same', async () => {
    const engine = await open()
    const root = unknownRoot()
    const ids = [
      ...(await engine.ask('a', root)),
      ...(await engine.ask('a', root, { origins: ['/ip4/127.0.0.1/tcp/1'] })),
    ]
    await engine.ask('a', unknownRoot())
    await engine.ask('b', root)
    expect([await engine.fetches(), await engine.jobs(), await rowsOf(engine)]).toEqual([[], [], []])
    expect(await engine.take(1)).toEqual(['a'])
    expect((await rowsOf(engine)).map(({ file_id }) => file_id)).toEqual(ids)
    expect((await Promise.all(ids.map((id) => engine.file(id)))).map((file) => file?.queued_origins)).toEqual([
      null,
      null,
    ])
    expect(await engine.take(8, 'a')).toEqual(['b', 'a'])
    expect(await engine.take(8)).toEqual([])
  })

  it('have their turns together with the jobs of those that were tried before', async () => {
    const engine = await open()
    const [failed = ''] = await engine.ask('b', unknownRoot())
    await engine.begin()
    const job = await engine.takeJob()
    const fetch = (await engine.fetches())[0]!
    await failFetch(engine.services, {
      job,
      fetch,
      setback: { reason: 'no-source', detail: '', isFinal: true },
      tried: null,
    })
    const config = { pinning: { deadlineMs: 1 } } as Services['config'] // it is asked for nothing else
    for (const account of ['a', 'a', 'a', 'b', 'c']) await engine.ask(account, unknownRoot())
    await retryPin({ ...engine.services, config }, { accountId: 'b', reach: undefined }, failed)
    expect(await engine.take(4)).toEqual(['a', 'b', 'c', 'a'])
    expect(await engine.take(4)).toEqual(['a', 'b'])
  })

  it('join a fetch that has begun, however many there are', async () => {
    const engine = await open()
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(10) }])
    const ids = await engine.ask('a', root, { count: 700 })
    expect(await engine.take(2)).toEqual(['a'])
    const next = await engine.ask('a', root)
    expect((await engine.file(next[0] ?? ''))?.queued_origins).toBeNull()
    engine.node.add(blocks)
    engine.move(60_001)
    await (await engine.work()).idle()
    for (const id of [...ids, ...next]) expect(await engine.status(id)).toBe(2)
    expect(await engine.counts('a')).toMatchObject({ queued: 0, pinned: 701 })
    expect([await engine.fetches(), await engine.jobs(), await rowsOf(engine)]).toEqual([[], [], []])
  })

  it('begin once, however many workers look for them at the same time', async () => {
    const engine = await open()
    for (let n = 0; n < 12; n++) await engine.ask(['a', 'b', 'c'][n % 3] ?? '', unknownRoot())
    const taken = await Promise.all(Array.from({ length: 6 }, () => engine.take(3)))
    expect(
      taken
        .flat()
        .map(String)
        .toSorted((x, y) => x.localeCompare(y)),
    ).toEqual(Array.from({ length: 12 }, (_, n) => ['a', 'b', 'c'][n >> 2]))
    expect(await rowsOf(engine)).toHaveLength(12)
    expect(await engine.fetches()).toHaveLength(12)
  })
})
