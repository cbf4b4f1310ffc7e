import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyValues } from './support/app.ts'
import { type Installation, makeInstallation, type Process } from './support/processes.ts'
import { quotaWays } from './support/quota-ways.ts'
import { freshBytes } from './support/tus.ts'

describe('over three processes', () => {
  let installation: Installation
  let processes: Process[]
  let key: KeyValues & { readonly accountId: string }
  beforeAll(async () => {
    installation = await makeInstallation()
    const roles = [['api', 'worker'], ['api'], ['api', 'gateway', 'node']] as const
    processes = await Promise.all(roles.map((each) => installation.start(each)))
    key = await installation.setUp(processes[0]!) // three
  }, 120_000)
  afterAll(() => installation.close())

  const some = (i: number) => processes[i % processes.length]! // never empty

  it.each([1, 10, 100])('a key for %d uses passes exactly so often', { timeout: 120_000 }, async (maxUses) => {
    const made = await some(0).ask('POST', '/v3/pinata/keys', {
      key,
      json: { keyName: 'limited', permissions: { admin: true }, maxUses },
    })
    const limited = made.body as KeyValues
    const calls = Array.from({ length: 300 }, (_, i) =>
      some(i).ask('GET', '/v3/files/public?limit=1', { key: limited }),
    )
    const statuses = (await Promise.all(calls)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(maxUses)
    expect(statuses.filter((status) => status === 403)).toHaveLength(300 - maxUses)
    for (const process of processes) {
      const { body } = await process.ask('GET', '/pinyon/v1/whoami', { key: limited })
      expect(body.key).toMatchObject({ usesLeft: 0 })
    }
  })

  it('the uses of a key without limit are all written within a second', async () => {
    const made = await some(0).ask('POST', '/v3/pinata/keys', {
      key,
      json: { keyName: 'busy', permissions: { admin: true } },
    })
    const busy = made.body as KeyValues
    const calls = Array.from({ length: 90 }, (_, i) => some(i).ask('GET', '/v3/files/public?limit=1', { key: busy }))
    for (const { status } of await Promise.all(calls)) expect(status).toBe(200)
    const uses = async () => {
      const { body } = await some(1).ask('GET', '/v3/pinata/keys?name=busy', { key })
      return body.keys[0].uses
    }
    await expect.poll(uses, { timeout: 60_000, interval: 50 }).toBe(90)
  })

  it('one of 50 uploads fits that each take more than half of what is free', { timeout: 120_000 }, async () => {
    const invited = await some(0).ask('POST', '/pinyon/v1/accounts', {
      key,
      json: { name: 'small', email: 'small@example.test', quotaBytes: 1_000_000 },
    })
    const accepted = await some(1).ask('POST', '/pinyon/v1/invites/accept', {
      json: { token: invited.body.invite.token, password: 'another horse battery' },
    })
    const theirs = accepted.body.key as KeyValues
    const uploads = Array.from({ length: 50 }, async (_, i) => {
      const form = new FormData()
      if (i % 2 === 0) form.append('network', 'public')
      form.append('file', new Blob([Buffer.alloc(600_000, `upload ${i} `)]), `${i}.txt`)
      return some(i).ask('POST', i % 2 === 0 ? '/v3/files' : '/pinning/pinFileToIPFS', { key: theirs, form })
    })
    const statuses = (await Promise.all(uploads)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 403)).toHaveLength(49)
    const { body } = await some(2).ask('GET', '/pinyon/v1/whoami', { key: theirs })
    expect(body.quota).toMatchObject({ usedBytes: 600_000 })
  })

  it(
    'one of 30 uploads fits by whichever of six ways, each request to another process (T124)',
    { timeout: 120_000 },
    async () => {
      const quotaBytes = 5_000_000
      const json = { name: 'racing', email: 'racing@example.test', quotaBytes }
      const invited = await some(0).ask('POST', '/pinyon/v1/accounts', { key, json })
      const accepted = await some(1).ask('POST', '/pinyon/v1/invites/accept', {
        json: { token: invited.body.invite.token, password: 'another horse battery' },
      })
      const theirs = accepted.body.key as KeyValues
      const put = async (by: KeyValues, bytes: Buffer) => {
        const form = new FormData()
        form.append('network', 'public')
        form.append('file', new Blob([new Uint8Array(bytes)]), 'a.bin')
        const { status, body } = await some(0).ask('POST', '/v3/files', { key: by, form })
        expect(status).toBe(200)
        return body.data as { id: string; cid: string; size: number }
      }
      const there = await put(theirs, freshBytes(2_000_000))
      const size = 1_800_000
      const pinned: string[] = []
      for (let i = 0; i < 5; i++) pinned.push((await put(key, freshBytes(size))).cid)
      let turn = 0
      const ways = quotaWays({ key: theirs, size, pinned, apiUrl: () => some(turn++).apiUrl })
      const usedBytes = async () =>
        (await some(turn++).ask('GET', '/pinyon/v1/whoami', { key: theirs })).body.quota.usedBytes as number
      let highest = 0
      let isOver = false
      const watching = (async () => {
        while (!isOver) highest = Math.max(highest, await usedBytes())
      })()
      try {
        for (let round = 0; round < 3; round++) {
          const statuses = await Promise.all(ways.map((way) => way()))
          expect(statuses.filter((status) => status === 200)).toHaveLength(1)
          expect(statuses.filter((status) => status !== 200 && status !== 403)).toEqual([])
          const { body } = await some(turn++).ask('GET', '/v3/files/public', { key: theirs })
          const made = body.data.files.find(({ id }: { id: string }) => id !== there.id)
          expect([body.data.files.length, made.size, await usedBytes()]).toEqual([2, size, there.size + size])
          expect((await some(turn++).ask('DELETE', `/v3/files/public/${made.id}`, { key: theirs })).status).toBe(200)
        }
      } finally {
        isOver = true
        await watching
      }
      expect(highest).toBeLessThanOrEqual(quotaBytes)
    },
  )
})
