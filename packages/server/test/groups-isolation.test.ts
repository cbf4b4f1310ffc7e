import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ask, databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { nothingFetched, unknownCid } from './support/pins.ts'

/** What the isolation test, made from the rows, cannot name: groups inside forms and options, files in own groups. */
describe.each(databases)('groups of two accounts on %s', (database) => {
  let app: TestApp
  let a: KeyValues & { accountId: string }
  let b: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off', ...nothingFetched } })
    const operator = await app.setUp()
    a = await app.makeAccount(operator, 'alice')
    b = await app.makeAccount(operator, 'bob')
  })
  afterAll(() => app.close())

  const make = async (key: KeyValues, network: string): Promise<string> =>
    (await app.ask('POST', `/v3/groups/${network}`, { key, json: { name: `a ${network} group` } })).body.data.id

  async function holdings() {
    const { read } = app.services.db
    const of = (table: 'files' | 'groups' | 'audit' | 'fetches') =>
      read.selectFrom(table).selectAll().where('account_id', '=', a.accountId).execute()
    return {
      files: await of('files'),
      groups: await of('groups'),
      audit: await of('audit'),
      fetches: await of('fetches'),
    }
  }

  it('are answered as unknown ones in forms and options, as are files in groups of one’s own', async () => {
    const hidden = await upload(app, a, [['secret.txt', 'what only A knows']], { network: 'private' })
    const shown = await upload(app, a, [['shown.txt', 'what A shows']])
    const waiting = unknownCid()
    const pin = (await app.ask('POST', '/psa/pins', { key: a, json: { cid: waiting } })).body.requestid
    const ids = [hidden.id, shown.id, pin, await make(a, 'private'), await make(a, 'public')]
    const own = { private: await make(b, 'private'), public: await make(b, 'public') }
    const names = [
      ...ids.map((of) => ({ of, like: () => of.slice(0, -4) + (of.endsWith('00') ? 'ffff' : '0000') })),
      ...[hidden.cid, shown.cid, waiting].map((of) => ({ of, like: unknownCid })),
    ]
    const before = await holdings()
    const form = (field: string, value: string) => {
      const made = new FormData()
      made.append('file', new Blob(['of B']), 'b.txt')
      made.append(field, value)
      return { form: made }
    }
    const cid = unknownCid()
    const ways: ((id: string) => readonly [string, string, Omit<Ask, 'key'>])[] = [
      (id) => ['POST', '/v3/files', form('group_id', id)],
      (id) => ['POST', '/pinning/pinFileToIPFS', form('pinataOptions', JSON.stringify({ groupId: id }))],
      (id) => ['POST', '/pinning/pinJSONToIPFS', { json: { pinataContent: 1, pinataOptions: { groupId: id } } }],
      (id) => ['POST', '/pinning/pinByHash', { json: { hashToPin: cid, pinataOptions: { groupId: id } } }],
      (id) => ['PUT', `/groups/${own.public}/cids`, { json: { cids: [id] } }],
      (id) => ['DELETE', `/groups/${own.public}/cids`, { json: { cids: [id] } }],
      (id) => ['PUT', `/v3/groups/private/${own.private}/ids/${id}`, {}],
      (id) => ['DELETE', `/v3/groups/public/${own.public}/ids/${id}`, {}],
    ]
    for (const way of ways) {
      for (const { of, like } of names) {
        const answers = []
        for (const id of [of, like()]) {
          const [method, path, ask] = way(id)
          const { status, body } = await app.ask(method, path, { key: b, ...ask })
          answers.push([status, JSON.stringify(body).replaceAll(id, 'ID')] as const)
        }
        expect([of, answers[0]]).toEqual([of, answers[1]])
        expect(answers[0]?.[0]).toBeGreaterThanOrEqual(400)
      }
    }
    expect(await holdings()).toEqual(before)
  })
})
