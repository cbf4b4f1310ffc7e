import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { changePinStatus } from '../src/files/pin-status.ts'
import { foldText } from '../src/lib/fold.ts'
import { listPins } from '../src/requests/list-pins.ts'
import { findPin } from '../src/requests/queries.ts'
import { databases, startTestApp, type TestApp } from './support/app.ts'
import { everyStatus, nothingFetched, PsaClient, type ShownPin, unknownCid } from './support/pins.ts'

const statuses = ['queued', 'pinning', 'pinned', 'failed'] as const
const words = ['README', 'readme', 'Straße', 'STRASSE', '100%', '1000', 'a_b', 'aXb', 'Ärger', 'ärger', '\\', 'x']

describe.each(databases)('the list of pins on %s', (database) => {
  let app: TestApp
  let psa: PsaClient
  let accountId: string
  beforeAll(async () => {
    app = await startTestApp({ database, env: nothingFetched })
    const key = await app.setUp()
    accountId = key.accountId
    psa = new PsaClient(app, key)
  })
  afterAll(() => app.close())

  /** Has a pin come into a status, as the fetch of it does. */
  async function move(pin: ShownPin, status: 'queued' | 'pinning' | 'failed'): Promise<void> {
    await app.services.db.write(async (tx) => {
      const file = await findPin(tx, { account: accountId, id: pin.requestid })
      if (file !== undefined) await changePinStatus(tx, [file], status, app.services.clock.now())
    })
  }

  it(
    'shows exactly the pins that any combination of filters asks for, and counts them',
    { timeout: 300_000 },
    async () => {
      const cids = ['bafkqaaa', 'bafkqabtimvwgy3yk', unknownCid(), unknownCid(), unknownCid()]
      const pins: ShownPin[] = []
      for (let i = 0; i < 70; i++) {
        const cid = cids[(i * 7) % cids.length] ?? ''
        const [a, b] = [words[i % words.length], words[(i * 5) % words.length]]
        const name = i % 6 === 0 ? undefined : i % 4 === 0 ? a : `${a}${b}`
        const meta = i % 3 === 0 ? undefined : { k: i % 2 === 0 ? 'even' : 'odd', n: String(i % 5) }
        const pin = await psa.add({ cid, name, meta })
        if (pin.status === 'queued' && i % 2 === 0) await move(pin, i % 4 === 0 ? 'pinning' : 'failed')
        pins.push(await psa.get(pin.requestid))
      }
      for (const { requestid } of pins.splice(30, 4)) await psa.ask('DELETE', `/pins/${requestid}`)
      pins.reverse()
      const anyFilter = fc.record({
        statuses: fc.option(fc.subarray([...statuses], { minLength: 1 }), { nil: undefined, freq: 3 }),
        cids: fc.option(fc.subarray(cids, { minLength: 1 }), { nil: undefined, freq: 1 }),
        name: fc.option(fc.tuple(fc.constantFrom(...words, 'str', 'EAD', 'READMEreadme'), fc.constantFrom(undefined, 'exact', 'iexact', 'partial', 'ipartial')), { nil: undefined, freq: 1 }), // prettier-ignore
        meta: fc.option(fc.constantFrom({ k: 'even' }, { k: 'odd', n: '1' }, { n: '0' }, { k: 'Even' }, { none: 'x' }), { nil: undefined, freq: 1 }), // prettier-ignore
        before: fc.option(fc.integer({ min: 0, max: pins.length - 1 }), { nil: undefined, freq: 2 }),
        after: fc.option(fc.integer({ min: 0, max: pins.length - 1 }), { nil: undefined, freq: 1 }),
        limit: fc.option(fc.constantFrom(1, 3, 10, 1000), { nil: undefined, freq: 2 }),
        form: fc.boolean(),
      })
      const property = fc.asyncProperty(anyFilter, async (filter) => {
        const { name, before, after, limit, form } = filter
        const pairs: Record<string, string> = filter.meta ?? {}
        const until = before === undefined ? undefined : pins[before]?.created
        const from = after === undefined ? undefined : pins[after]?.created
        const wanted = filter.statuses ?? (name === undefined ? ['pinned'] : statuses)
        const shown = pins.filter(
          (pin) =>
            wanted.some((status) => status === pin.status) &&
            (filter.cids?.includes(pin.pin.cid) ?? true) &&
            (name === undefined || (pin.pin.name !== undefined && matches(pin.pin.name, ...name))) &&
            Object.entries(pairs).every(([key, value]) => pin.pin.meta?.[key] === value) &&
            (until === undefined || pin.created < until) &&
            (from === undefined || pin.created > from),
        )
        const query = new URLSearchParams()
        if (filter.statuses !== undefined) query.set('status', filter.statuses.join(','))
        if (filter.cids !== undefined) for (const cid of filter.cids) query.append('cid', cid)
        if (name !== undefined) query.set('name', name[0])
        if (name?.[1] !== undefined) query.set('match', name[1])
        if (form && filter.meta !== undefined) query.set('meta', JSON.stringify(pairs))
        else for (const [key, value] of Object.entries(pairs)) query.set(`meta[${key}]`, value)
        if (until !== undefined) query.set('before', until)
        if (from !== undefined) query.set('after', from)
        if (limit !== undefined) query.set('limit', String(limit))
        const { count, results } = await psa.list(query.toString())
        expect({ count, results }).toEqual({ count: shown.length, results: shown.slice(0, limit ?? 10) })
      })
      await fc.assert(property, { numRuns: database === 'sqlite' ? 400 : 150 })

      // The same with slices of three pins, which go on where the last one ended.
      for (const [text, match] of [
        ['str', 'ipartial'],
        ['a', 'partial'],
        ['readme', 'iexact'],
      ] as const) {
        // prettier-ignore
        const expected = pins.filter(({ pin }) => pin.name !== undefined && matches(pin.name, text, match))
        for (const [low, high, shown] of [
          [0, Number.MAX_SAFE_INTEGER, expected],
          [
            0,
            Date.parse(pins[20]?.created ?? ''),
            expected.filter(({ created }) => created < (pins[20]?.created ?? '')),
          ],
        ] as const) {
          const filter = { statuses: [0, 1, 2, 3], name: { text, match } }
          const page = await listPins(
            app.services,
            { accountId },
            { filter, range: { low, high }, limit: 4, sliceSize: 3 },
          )
          expect(page.pins.map(({ file }) => file.id)).toEqual(shown.slice(0, 4).map(({ requestid }) => requestid))
          expect(page.count).toBe(shown.length)
        }
      }
    },
  )

  it('takes times in every spelling, excludes them, and knows of nanoseconds', async () => {
    const made = [await psa.add({ cid: 'bafkqaaa', name: 'times' }), await psa.add({ cid: 'bafkqaaa', name: 'times' })]
    const [first, second] = made.map(({ created }) => created) as [string, string]
    const shown = async (query: string) => (await psa.list(`name=times&${query}`)).results.map(({ created }) => created)
    const local = `${new Date(Date.parse(second) + 3_600_000).toISOString().slice(0, -1)}+01:00`
    for (const before of [
      second,
      second.toLowerCase(),
      second.replace('Z', '000000Z'),
      local,
      local.replace('+', '%2B'),
    ]) {
      expect([before, await shown(`before=${before}`)]).toEqual([before, [first]])
    }
    expect(await shown(`before=${second.replace('Z', '001Z')}`)).toEqual([second, first])
    expect(await shown(`after=${first}`)).toEqual([second])
    expect(await shown(`after=${first.replace('Z', '001Z')}`)).toEqual([second])
    expect(await shown(`after=${first}&before=${second}`)).toEqual([])
    expect(await shown('after=9999-12-31T23:59:59Z')).toEqual([])
    expect(await shown('before=0001-01-01T00:00:00Z')).toEqual([])
  })

  it.each([
    'status=',
    'status=PINNED',
    'status=pinned,lost',
    'status=pinned,',
    'match=fuzzy&name=x',
    'limit=0',
    'limit=1001',
    'limit=1.5',
    'limit=ten',
    'limit=',
    'limit=1&limit=2',
    'cid=',
    'cid=Qm',
    'cid=/ipfs/bafkqaaa',
    `cid=${Array.from({ length: 11 }, unknownCid).join(',')}`,
    `name=${'x'.repeat(256)}`,
    'name=a&name=b',
    'before=yesterday',
    'after=2026-01-01',
    'meta=map[k:v]',
    'meta=[]',
    'meta=7',
    'meta={"k":1}',
    'meta={"k":null}',
    'meta={',
    'name=%00',
  ])('refuses %s with a Failure that says which parameter', async (query) => {
    const { status, body } = await psa.ask('GET', `/pins?${query}`)
    expect([status, Object.keys(body), Object.keys(body.error)]).toEqual([400, ['error'], ['reason', 'details']])
    expect(body.error.details).toMatch(new RegExp(`${query.split('=', 1)[0]}|CID`))
  })

  it('takes what clients send beside it: unknown parameters, empty names, slashes, repeated values', async () => {
    for (const path of [
      '/pins/?limit=1',
      '//pins?limit=1',
      '/../psa//pins//?limit=1',
      '/pins?name=&limit=1&colour=red',
      '/pins?status=pinned&status=queued,pinned&limit=1',
      `/pins?cid=bafkqaaa&cid=${Array.from({ length: 10 }, () => 'bafkqaaa').join(',')}&limit=1`,
      `/pins?name=${encodeURIComponent('\u{1F4CC}'.repeat(255))}&limit=1`,
    ]) {
      const { status, body } = await psa.ask('GET', path)
      expect([path, status, Object.keys(body)]).toEqual([path, 200, ['count', 'results']])
    }
  })

  it('reads lists as some clients write them, and never passes over one', async () => {
    const [one, other] = [unknownCid(), unknownCid()]
    await psa.add({ cid: one })
    await psa.add({ cid: other })
    const count = async (query: string) => (await psa.list(query)).count
    expect(await count(`cid[]=${one}&${everyStatus}`)).toBe(1)
    expect(await count(`cid%5B%5D=${one}&cid%5B%5D=${other}&status[]=queued,pinning&status[]=failed`)).toBe(2)
    expect(await count(`cid=${one}&cid[]=${other}&${everyStatus}`)).toBe(2)
    expect(await count(`cid[]=${one}&status[]=pinned`)).toBe(0)
    expect((await psa.ask('GET', '/pins?status[]=done')).status).toBe(400)
  })

  it.each([0, 1, 10, 11, 25, 1001])(
    'gives Kubo’s listing loop %i pins, each once, in as few requests as there are pages',
    { timeout: 120_000 },
    async (total) => {
      const name = `loop-${total}`
      for (let made = 0; made < total; made += 50) {
        const count = Math.min(50, total - made)
        await Promise.all(Array.from({ length: count }, () => psa.add({ cid: unknownCid(), name })))
      }
      const { ids, requests } = await listAsKubo((query) => psa.list(`name=${name}&${everyStatus}&${query}`))
      expect([new Set(ids).size, ids.length]).toEqual([total, total])
      expect(requests).toBe(Math.max(1, Math.ceil(total / 10)))
    },
  )

  it('pages 2,500 pins while others come and go: each that stays once, none twice', { timeout: 300_000 }, async () => {
    const stay: string[] = []
    const go: string[] = []
    for (let made = 0; made < 2_500; made += 50) {
      const batch = await Promise.all(Array.from({ length: 50 }, () => psa.add({ cid: unknownCid(), name: 'paged' })))
      for (const [i, { requestid }] of batch.entries()) (i % 10 === 0 ? go : stay).push(requestid)
    }
    const late: string[] = []
    const { ids } = await listAsKubo(async (query) => {
      const page = psa.list(`name=paged&${everyStatus}&limit=100&${query}`)
      // At the same time, and between pages.
      const gone = go.splice(0, 9).map((id) => psa.ask('DELETE', `/pins/${id}`))
      const come = [1, 2, 3].map(async () => late.push((await psa.add({ cid: unknownCid(), name: 'paged' })).requestid))
      await Promise.all([...gone, ...come])
      return page
    })
    expect(new Set(ids).size).toBe(ids.length)
    const seen = new Set(ids)
    expect(stay.filter((id) => !seen.has(id))).toEqual([])
    expect((await psa.list(`name=paged&${everyStatus}`)).count).toBe(stay.length + go.length + late.length)
  })
})

function matches(name: string, text: string, match: string = 'exact'): boolean {
  switch (match) {
    case 'iexact':
      return foldText(name) === foldText(text)
    case 'partial':
      return name.includes(text)
    case 'ipartial':
      return foldText(name).includes(foldText(text))
    default:
      return name === text
  }
}

/** The loop of Kubo's client (boxo, pinning/remote/client): on until a page says that nothing is left beyond it. */
async function listAsKubo(
  page: (query: string) => Promise<{ count: number; results: ShownPin[] }>,
): Promise<{ ids: string[]; requests: number }> {
  const ids: string[] = []
  for (let requests = 1, query = ''; ; requests++) {
    const { count, results } = await page(query)
    ids.push(...results.map(({ requestid }) => requestid))
    if (count === results.length) return { ids, requests }
    const oldest = results.at(-1)
    if (oldest === undefined) throw new Error(`count is ${count}, and there are no results`)
    query = `before=${oldest.created}`
  }
}
