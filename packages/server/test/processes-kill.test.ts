import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../src/db/database.ts'
import { recount } from '../src/files/recount.ts'
import type { KeyValues } from './support/app.ts'
import { type Installation, makeInstallation, type Process } from './support/processes.ts'
import { uploadTo } from './support/upload-to.ts'

let installation: Installation
beforeEach(async () => {
  installation = await makeInstallation()
})
afterEach(() => installation.close())

const roles = [
  ['api', 'worker'],
  ['api', 'gateway'],
  ['gateway', 'worker', 'node'],
] as const

it('loses nothing acknowledged and nothing of others when each is killed in turn', { timeout: 240_000 }, async () => {
  const processes = await Promise.all(roles.map((each) => installation.start(each)))
  const key = await installation.setUp(processes[0]!) // three
  const acknowledged = new Map<string, Buffer>()
  const failures: string[] = []
  let victim: Process | undefined
  let done = 0
  let isOver = false
  /** What a client does again and again by one of the processes; it may fail only when that one is killed. */
  const client = async (index: number, act: (process: Process) => Promise<void>) => {
    while (!isOver) {
      const process = processes[index]!
      if (process === victim) {
        await restarted
        continue
      }
      try {
        await act(process)
        if (process !== victim) done++
      } catch (error) {
        if (process !== victim) failures.push(String(error))
      }
    }
  }
  let { promise: restarted, resolve: tellRestarted } = Promise.withResolvers<void>()
  const put = async (process: Process) => {
    const content = randomBytes(1 + Math.floor(Math.random() * 400_000))
    const { cid } = await uploadTo(process, key, { name: 'random', content })
    acknowledged.set(cid, content)
  }
  const read = async (process: Process) => {
    const all = [...acknowledged]
    const [cid, content] = all[Math.floor(Math.random() * all.length)]! // there is one
    const answer = await fetch(`${process.gatewayUrl}/ipfs/${cid}`)
    if (answer.status !== 200) throw new Error(`reading answered ${answer.status}`)
    if (!content.equals(Buffer.from(await answer.arrayBuffer()))) throw new Error('other bytes')
  }
  await put(processes[0]!) // three
  const clients = [client(0, put), client(0, put), client(1, put), client(1, read), client(2, read), client(2, read)]
  const someWork = async (least: number) => {
    const enough = done + least
    await expect.poll(() => done, { timeout: 60_000, interval: 10 }).toBeGreaterThan(enough)
  }
  await someWork(30)
  for (const [index, each] of roles.entries()) {
    victim = processes[index]! // as many as roles
    await victim.kill()
    await someWork(30)
    processes[index] = await installation.start(each)
    victim = undefined
    tellRestarted()
    ;({ promise: restarted, resolve: tellRestarted } = Promise.withResolvers<void>())
    await someWork(10)
  }
  isOver = true
  await Promise.all(clients)
  expect(failures).toEqual([])
  expect(acknowledged.size).toBeGreaterThan(20)
  for (const [cid, content] of acknowledged) {
    const answer = await fetch(`${processes[2]!.gatewayUrl}/ipfs/${cid}`) // three
    expect(content.equals(Buffer.from(await answer.arrayBuffer())), cid).toBe(true)
  }
  const db = await openDatabase(
    { kind: 'postgres', url: installation.databaseUrl },
    { clock: { now: () => Date.now() }, readOnly: true },
  )
  try {
    expect(await recount(db.read)).toMatchObject({ numberOfWrong: 0, wrong: [] })
  } finally {
    await db.close()
  }
})

it('puts in order what a killed process had begun, while others live', { timeout: 180_000 }, async () => {
  const [victim, other] = await Promise.all([installation.start(['api']), installation.start(['api', 'worker'])])
  const key = await installation.setUp(other)
  await uploadTo(victim, key, { name: 'kept', content: 'kept' })
  const db = await openDatabase(
    { kind: 'postgres', url: installation.databaseUrl },
    { clock: { now: () => Date.now() }, readOnly: true },
  )
  const packsDir = join(installation.dataDir, 'packs')
  const sizes = async () => {
    const packs = await db.read
      .selectFrom('packs')
      .innerJoin('blocks', 'blocks.pack_id', 'packs.id')
      .select(['name', 'offset', 'length'])
      .execute()
    const ends = new Map<string, number>()
    for (const { name, offset, length } of packs) ends.set(name, Math.max(ends.get(name) ?? 0, offset + length))
    const files = (await readdir(packsDir)).filter((name) => name.endsWith('.car'))
    return Promise.all(
      files.map(async (name) => ({ end: ends.get(name.slice(0, -4)), size: (await stat(join(packsDir, name))).size })),
    )
  }
  try {
    // An upload that never ends: its bytes lie in the pack, and no row names them.
    const form = beginUpload(victim, key, 5_000_000)
    await expect
      .poll(async () => (await sizes()).some(({ end = 0, size }) => size > end + 1_000_000), { timeout: 60_000 })
      .toBe(true)
    await victim.kill()
    form.destroy()
    await expect
      .poll(async () => (await sizes()).every(({ end, size }) => end === size), { timeout: 90_000, interval: 200 })
      .toBe(true)
    await expect
      .poll(async () => (await readdir(join(installation.dataDir, 'writers'))).length, { timeout: 60_000 })
      .toBe(1)
    const stagings = () => db.read.selectFrom('pins').select('id').where('state', '<>', 'pinned').execute()
    await expect.poll(stagings, { timeout: 60_000, interval: 200 }).toEqual([])
    expect(other.output()).toContain('swept up after a process that died')
    // It goes on as before, and so does whoever comes.
    const next = await installation.start(['api', 'gateway'])
    const { cid } = await uploadTo(next, key, { name: 'later', content: 'later' })
    expect(await (await fetch(`${next.gatewayUrl}/ipfs/${cid}`)).text()).toBe('later')
  } finally {
    await db.close()
  }
})

it('drains on a signal while the others go on', { timeout: 120_000 }, async () => {
  const [leaving, other] = await Promise.all([
    installation.start(['api']),
    installation.start(['api', 'gateway', 'worker']),
  ])
  const key = await installation.setUp(other)
  const upload = beginUpload(leaving, key, 300_000)
  const answered = upload.answered()
  await expect.poll(() => upload.isFlowing()).toBe(true)
  const ended = leaving.stop()
  await expect
    .poll(async () => (await leaving.ask('GET', '/pinyon/v1/whoami', { key })).status, { interval: 20 })
    .toBe(503)
  expect((await other.ask('GET', '/pinyon/v1/whoami', { key })).status).toBe(200)
  upload.finish()
  const { status, body } = await answered
  expect(status).toBe(200)
  expect(await ended).toBe(0)
  const read = await fetch(`${other.gatewayUrl}/ipfs/${(JSON.parse(body) as { data: { cid: string } }).data.cid}`)
  expect(read.status).toBe(200)
})

/** An upload of which most has been sent, and which ends when it is told to. */
function beginUpload(process: Process, key: KeyValues, sizeBytes: number) {
  const boundary = 'boundary-of-this-test'
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="network"\r\n\r\npublic\r\n--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="slow.bin"\r\n\r\n`
  const sent = request(`${process.apiUrl}/v3/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.JWT}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
  })
  sent.on('error', () => undefined)
  let flowing = false
  sent.write(head)
  sent.write(randomBytes(sizeBytes), () => (flowing = true))
  return {
    isFlowing: () => flowing,
    destroy: () => sent.destroy(),
    finish: () => sent.end(`\r\n--${boundary}--\r\n`),
    answered: () =>
      new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
        sent.on('error', reject)
        sent.on('response', (response) => {
          let body = ''
          response.setEncoding('utf8')
          response.on('data', (text: string) => (body += text))
          response.on('end', () => resolve({ status: response.statusCode, body }))
        })
      }),
  }
}
