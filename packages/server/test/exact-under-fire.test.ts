import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoleName } from '../src/config/config.ts'
import { openDatabase } from '../src/db/database.ts'
import { recount } from '../src/files/recount.ts'
import type { KeyValues } from './support/app.ts'
import { type Installation, makeInstallation, type Process } from './support/processes.ts'
import { uploadTo } from './support/upload-to.ts'

type Owner = KeyValues & { readonly accountId: string }

const calls = 1_000

const places: readonly { name: string; kind: 'postgres' | 'sqlite'; roles: readonly (readonly RoleName[])[] }[] = [
  { name: 'one process on SQLite', kind: 'sqlite', roles: [['api', 'gateway', 'worker', 'node']] },
  {
    name: 'three processes on PostgreSQL',
    kind: 'postgres',
    roles: [
      ['api', 'gateway', 'worker'],
      ['api', 'gateway'],
      ['api', 'gateway', 'node'],
    ],
  },
]

describe.each(places)('a thousand calls at once to $name', { timeout: 120_000 }, ({ kind, roles }) => {
  let installation: Installation
  let processes: Process[]
  let owner: Owner
  let accounts = 0
  beforeAll(async () => {
    installation = await makeInstallation(kind)
    processes = await Promise.all(roles.map((each) => installation.start(each)))
    owner = await installation.setUp(processes[0]!) // at least one
  }, 120_000)
  afterAll(() => installation.close())

  const some = (i: number) => processes[i % processes.length]! // at least one
  const together = (call: (process: Process, i: number) => Promise<number>, count = calls) =>
    Promise.all(Array.from({ length: count }, (_, i) => call(some(i), i)))
  const count = (statuses: readonly number[], status: number) => statuses.filter((one) => one === status).length

  async function account(quotaBytes: number): Promise<Owner> {
    const name = `account-${++accounts}`
    const json = { name, email: `${name}@example.test`, quotaBytes }
    const made = await some(0).ask('POST', '/pinyon/v1/accounts', { key: owner, json })
    const token = made.body.invite.token
    const password = 'another horse battery'
    const accepted = await some(1).ask('POST', '/pinyon/v1/invites/accept', { json: { token, password } })
    return { ...accepted.body.key, accountId: made.body.account.id }
  }

  it.each([1, 10, 100])('a key for %d uses passes exactly so often (T20)', async (maxUses) => {
    const json = { keyName: 'limited', permissions: { admin: true }, maxUses }
    const key = (await some(0).ask('POST', '/v3/pinata/keys', { key: owner, json })).body as KeyValues
    const statuses = await together(async (process) => (await process.ask('GET', '/v3/groups/public', { key })).status)
    expect([count(statuses, 200), count(statuses, 403)]).toEqual([maxUses, calls - maxUses])
  })

  it('a child key and its parent share the uses of the parent, exactly', async () => {
    const json = { keyName: 'tree', permissions: { admin: true } }
    const parent = (await some(0).ask('POST', '/v3/pinata/keys', { key: owner, json: { ...json, maxUses: 100 } })).body
    const { keys: known } = (await some(0).ask('GET', '/v3/pinata/keys?name=tree', { key: owner })).body
    const path = `/pinyon/v1/keys/${known[0].id}/children`
    const child = (await some(0).ask('POST', path, { key: owner, json: { ...json, maxUses: 60 } })).body
    const keys = [parent, child]
    const asked = await together(async (process, i) => {
      const key = keys[i % 2]! // two
      return (await process.ask('GET', '/v3/groups/public', { key })).status
    })
    expect(asked.every((status) => status === 200 || status === 403)).toBe(true)
    // Both together have taken what the parent has, and the child no more than its part.
    expect(count(asked, 200)).toBe(100)
    expect(
      count(
        asked.filter((_, i) => i % 2 === 1),
        200,
      ),
    ).toBeLessThanOrEqual(60)
  })

  it.each([1, 50])('a link for %d downloads shows its file exactly so often', async (maxUses) => {
    const form = new FormData()
    form.append('network', 'private')
    form.append('file', new Blob([randomBytes(2_000)]), 'shown.bin')
    const { data } = (await some(0).ask('POST', '/v3/files', { key: owner, form })).body
    const json = {
      url: `${some(0).gatewayUrl}/files/${data.cid}`,
      date: Math.floor(Date.now() / 1000),
      expires: 600,
      method: 'GET',
      max_uses: maxUses,
    }
    const signed = await some(0).ask('POST', '/v3/files/private/download_link', { key: owner, json })
    expect(signed.status).toBe(200)
    const link = new URL(signed.body.data)
    const statuses = await together(async ({ gatewayUrl }) => {
      const answer = await fetch(new URL(`${link.pathname}${link.search}`, gatewayUrl))
      await answer.arrayBuffer()
      return answer.status
    })
    expect([count(statuses, 200), count(statuses, 401)]).toEqual([maxUses, calls - maxUses])
  })

  it('a link for one upload takes one of two hundred', async () => {
    const json = { date: Math.floor(Date.now() / 1000), expires: 600 }
    const signed = await some(0).ask('POST', '/v3/files/sign', { key: owner, json })
    const link = new URL(signed.body.data)
    const statuses = await together(async ({ apiUrl }, i) => {
      const form = new FormData()
      form.append('file', new Blob([`upload ${i}`]), `${i}.txt`)
      const answer = await fetch(new URL(`${link.pathname}${link.search}`, apiUrl), { method: 'POST', body: form })
      await answer.arrayBuffer()
      return answer.status
    }, 200)
    expect([count(statuses, 200), count(statuses, 409)]).toEqual([1, 199])
  })

  it('one of sixty fits a quota by JSON, by pins of what is here, and by upload (T124)', async () => {
    const theirs = await account(100_000)
    const shown = await uploadTo(some(0), owner, { name: 'shown', content: randomBytes(60_000) })
    const statuses = await together(async (process, i) => {
      if (i % 3 === 0) {
        const json = { pinataContent: { text: randomBytes(30_000).toString('hex') } }
        return (await process.ask('POST', '/pinning/pinJSONToIPFS', { key: theirs, json })).status
      }
      if (i % 3 === 1) {
        const path = i % 2 === 0 ? '/psa/pins' : '/pinning/pinByHash'
        const json = i % 2 === 0 ? { cid: shown.cid } : { hashToPin: shown.cid }
        return (await process.ask('POST', path, { key: theirs, json })).status
      }
      const form = new FormData()
      form.append('network', 'private')
      form.append('file', new Blob([randomBytes(60_000)]), `${i}.bin`)
      return (await process.ask('POST', '/v3/files', { key: theirs, form })).status
    }, 60)
    expect(statuses.filter((status) => status < 300)).toHaveLength(1)
    expect(statuses.every((status) => status < 300 || status === 403 || status === 409)).toBe(true)
    const { quota } = (await some(1).ask('GET', '/pinyon/v1/whoami', { key: theirs })).body
    expect(quota).toMatchObject({ files: 1 })
    expect(quota.usedBytes).toBeLessThanOrEqual(100_000)
  })

  it('what comes and goes leaves exactly what is there (T125)', async () => {
    const theirs = await account(400_000)
    const ids: string[] = []
    for (let round = 0; round < 6; round++) {
      const gone = ids.splice(0, 6)
      await Promise.all([
        ...Array.from({ length: 12 }, async (_, i) => {
          const form = new FormData()
          form.append('network', 'private')
          form.append('file', new Blob([randomBytes(40_000)]), `${i}.bin`)
          const { status, body } = await some(i).ask('POST', '/v3/files', { key: theirs, form })
          if (status === 200) ids.push(body.data.id)
        }),
        // Each twice at once, by two processes.
        ...gone.flatMap((id) => [0, 1].map((i) => some(i).ask('DELETE', `/v3/files/private/${id}`, { key: theirs }))),
      ])
    }
    const { quota } = (await some(0).ask('GET', '/pinyon/v1/whoami', { key: theirs })).body
    const { account: usage } = (await some(1).ask('GET', '/pinyon/v1/usage', { key: theirs })).body
    expect(quota).toMatchObject({ files: ids.length, usedBytes: ids.length * 40_000 })
    expect(usage).toMatchObject({ files: ids.length, logicalBytes: ids.length * 40_000 })
    expect(ids.length).toBeLessThanOrEqual(10)
    const { body } = await some(2).ask('GET', '/v3/files/private?limit=100', { key: theirs })
    expect(body.data.files.map((file: { id: string }) => file.id).toSorted()).toEqual(ids.toSorted())
    const place =
      kind === 'sqlite'
        ? ({ kind, file: join(installation.dataDir, 'pinyon.db') } as const)
        : ({ kind, url: installation.databaseUrl } as const)
    const db = await openDatabase(place, { clock: { now: () => Date.now() }, readOnly: true })
    try {
      expect(await recount(db.read)).toMatchObject({ numberOfWrong: 0, wrong: [] })
    } finally {
      await db.close()
    }
  })
})
