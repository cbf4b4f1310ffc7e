import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi, type MockInstance } from 'vitest'
import { HotAnswers } from '../src/gateway/hot-answers.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { makeInstallation } from './support/processes.ts'
import { rawAsk } from './support/raw-http.ts'
import { uploadTo } from './support/upload-to.ts'

/** New signing keys come soon; on a machine with other work to do, later. */
const heardMs = 10_000
/** What begins later than this after a change was answered knows of it, however busy the machine is. */
const boundMs = 1_000
/** Processes start within this on a machine with other work to do. */
const startMs = 60_000
/** A CID that holds its own content: every gateway has it. */
const emptyFile = '/ipfs/bafkqaaa'

/** Answers with status 200 so far. */
let answered = 0

/** One connection that is kept, so that one process answers everything on it. */
class Line {
  readonly agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: 60_000 })
  readonly #base: string

  constructor(base: string) {
    this.#base = base
  }

  /** Rejects when the connection breaks. */
  async ask(path: string, host?: string): Promise<{ status: number; text: string }> {
    const response = await this.begin(path, host)
    const pieces: Buffer[] = []
    for await (const piece of response) pieces.push(piece as Buffer) // nobody set an encoding
    if (response.statusCode === 200) answered++
    return { status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() }
  }

  begin(path: string, host?: string): Promise<IncomingMessage> {
    const headers = host === undefined ? {} : { host }
    return new Promise((resolve, reject) => {
      request(new URL(path, this.#base), { agent: this.agent, headers }, resolve).once('error', reject).end()
    })
  }

  close(): void {
    this.agent.destroy()
  }
}

const pidsIn = (text: string) =>
  [...text.matchAll(/"pid":(\d+),"msg":"a process of the gateway serves"/g)].map(([, pid]) => Number(pid))

// A machine with other work to do may take its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

describe.each(databases)('two processes of the gateway on %s', (database) => {
  let app: TestApp
  let key: KeyValues & { readonly accountId: string }
  let find: MockInstance<HotAnswers['find']>
  const lines: Line[] = []

  beforeAll(async () => {
    answered = 0
    find = vi.spyOn(HotAnswers.prototype, 'find')
    app = await startTestApp({ database, gatewayProcesses: 2 })
    key = await app.setUp()
    await vi.waitUntil(() => pidsIn(app.log()).length === 1, startMs)
  }, 2 * startMs)
  afterAll(async () => {
    for (const line of lines) line.close()
    find.mockRestore()
    await app.close()
  })

  /** A connection that this process has, or the other one: whoever was free took it. */
  async function lineTo(where: 'here' | 'there'): Promise<Line> {
    for (;;) {
      const line = new Line(app.gatewayUrl)
      const before = find.mock.calls.length
      expect((await line.ask(emptyFile)).status).toBe(200)
      if ((find.mock.calls.length > before ? 'here' : 'there') === where) {
        lines.push(line)
        return line
      }
      line.close()
    }
  }

  it('answer alike, and what they count is added up', async () => {
    const [here, there] = [await lineTo('here'), await lineTo('there')]
    const { cid } = await upload(app, key, [['both.txt', randomBytes(40).toString('hex')]])
    const folder = await upload(app, key, [
      ['f/a.txt', 'a'],
      ['f/b.txt', 'b'],
    ])
    const counted = async () => {
      const text = await app.services.metrics.registry.metrics()
      expect(text).toMatch(/^pinyon_gateway_processes 2$/m)
      return Number(/^pinyon_http_requests_total\{route="gateway",status="200"\} (\d+)/m.exec(text)?.[1] ?? 0)
    }
    const add = vi.spyOn(app.services.traffic, 'add')
    for (const path of [`/ipfs/${cid}`, `/ipfs/${folder.cid}/`, `/ipfs/${folder.cid}/b.txt`]) {
      const [one, other] = [await here.ask(path), await there.ask(path)]
      expect([path, other]).toEqual([path, one])
      expect(one.status).toBe(200)
    }
    await expect.poll(counted, { timeout: 60_000 }).toBe(answered)
    await expect
      .poll(() => add.mock.calls.map(([{ segment, requests }]) => [segment, requests]), { timeout: 60_000 })
      .toEqual(expect.arrayContaining([['b.txt', 1]]))
    add.mockRestore()
  })

  it('refuse within a second what was unpinned, taken down, revoked or is over its quota', async () => {
    const there = await lineTo('there')
    const text = () => randomBytes(40).toString('hex')
    const did = async (method: string, path: string, json?: unknown) => {
      const { status, body } = await app.ask(method, path, { key, ...(json === undefined ? {} : { json }) })
      expect([path, status]).toEqual([path, expect.toBeOneOf([200, 201])])
      return body
    }
    const gateway = (await did('POST', '/v3/gateways', { domain: `near-${database}` })).data
    const own = `near-${database}.localhost`
    const rules = `/pinyon/v1/gateways/${gateway.id}/rules`
    const file = await upload(app, key, [['f.txt', text()]])
    const hidden = await upload(app, key, [['h.txt', text()]], { network: 'private' })
    /** Whatever begins more than a second after `change` was answered is refused. */
    const refusedAfter = async (change: () => Promise<unknown>, path: string, status: number, host?: string) => {
      for (let i = 0; i < 3; i++) expect((await there.ask(path, host)).status).toBe(200)
      await change()
      const answeredAt = performance.now()
      for (;;) {
        const begunAt = performance.now()
        const answer = await there.ask(path, host)
        if (answer.status === status) return
        expect([path, answer.status]).toEqual([path, 200])
        expect(begunAt - answeredAt, path).toBeLessThan(boundMs)
      }
    }
    const gone = await upload(app, key, [['gone.txt', text()]])
    const bad = await upload(app, key, [['bad.txt', text()]])
    await refusedAfter(() => did('DELETE', `/v3/files/public/${gone.id}`), `/ipfs/${gone.cid}`, 404)
    const denial = { cid: bad.cid, reason: 'A court said so.', confirm: true }
    await refusedAfter(() => did('POST', '/pinyon/v1/denials', denial), `/ipfs/${bad.cid}`, 410)
    const { id, value } = (await did('POST', `/v3/gateways/${gateway.id}/access_tokens`)).data
    const shown = `/ipfs/${file.cid}?pinataGatewayToken=${value}`
    const kept = await did('POST', `/v3/gateways/${gateway.id}/access_tokens`)
    await expect.poll(async () => (await there.ask(shown, own)).status, { timeout: startMs }).toBe(200)
    const revoke = () => did('DELETE', `/v3/gateways/${gateway.id}/access_tokens/${id}`)
    await refusedAfter(revoke, shown, 401, own)
    await did('DELETE', `/v3/gateways/${gateway.id}/access_tokens/${kept.data.id}`)
    await expect.poll(async () => (await there.ask(`/ipfs/${file.cid}`, own)).status, { timeout: startMs }).toBe(200)
    const quota = (egressQuotaBytes: number | null) => did('PUT', rules, { egressQuotaBytes })
    await refusedAfter(() => quota(0), `/ipfs/${file.cid}`, 429, own)
    await quota(null)
    const raisedAt = performance.now()
    for (let isLetIn = false; !isLetIn;) {
      const begunAt = performance.now()
      isLetIn = (await there.ask(`/ipfs/${file.cid}`, own)).status === 200
      if (!isLetIn) expect(begunAt - raisedAt).toBeLessThan(boundMs)
    }
    const url = `${app.gatewayUrl}/files/${hidden.cid}`
    const asked = { url, date: Math.floor(Date.now() / 1_000), expires: 600, method: 'GET' }
    const { pathname, search } = new URL((await did('POST', '/v3/files/private/download_link', asked)).data)
    const { links } = await did('GET', '/pinyon/v1/links')
    const open = links.find(({ state }: { state: string }) => state === 'active')
    const end = () => did('DELETE', `/pinyon/v1/links/${open.id}`)
    await refusedAfter(end, `${pathname}${search}`, 401)
    // What is served there counts against the quota as what is served here.
    const { egress } = await did('GET', rules)
    const limit = egress.usedBytes + 10_000
    await did('PUT', rules, { egressQuotaBytes: limit })
    const statusThere = async () => (await there.ask(`/ipfs/${file.cid}`, own)).status
    await expect.poll(statusThere, { timeout: startMs, interval: 20 }).toBe(429)
    // It is refused where it was served before it is written down.
    const usedBytes = async () => (await did('GET', rules)).egress.usedBytes
    await expect.poll(usedBytes, { timeout: startMs, interval: 20 }).toBeGreaterThanOrEqual(limit)
  })

  it('count the uses of a link together, and know new signing keys and revocations', async () => {
    const [here, there] = [await lineTo('here'), await lineTo('there')]
    const file = await upload(app, key, [['private.txt', 'for few']], { network: 'private' })
    const sign = async (more: Record<string, unknown>) => {
      const now = Math.floor(Date.now() / 1_000)
      const url = `${app.gatewayUrl}/files/${file.cid}`
      const json = { url, date: now, expires: 600, method: 'GET', ...more }
      const { body } = await app.ask('POST', '/v3/files/private/download_link', { key, json })
      const { pathname, search } = new URL(body.data)
      return pathname + search
    }
    const twice = await sign({ max_uses: 2 })
    const answers = [await there.ask(twice), await here.ask(twice), await there.ask(twice), await here.ask(twice)]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401])
    expect(answers[2]?.text).toBe(answers[3]?.text)
    expect(answers[0]?.text).toBe('for few')

    await app.services.signingKeys.rotate(Date.now())
    const anew = await sign({})
    await expect.poll(async () => (await there.ask(anew)).status, { timeout: heardMs, interval: 20 }).toBe(200)
    const listed = await app.ask('GET', '/pinyon/v1/links', { key })
    const open = listed.body.links.find(({ state }: { state: string }) => state === 'active')
    expect((await app.ask('DELETE', `/pinyon/v1/links/${open.id}`, { key })).status).toBe(200)
    await expect.poll(async () => (await there.ask(anew)).status, { timeout: heardMs, interval: 20 }).toBe(401)
  })

  it(
    'lose nothing but what a killed one held, and another one takes its place',
    async () => {
      const [pid = 0] = pidsIn(app.log())
      const { cid } = await upload(app, key, [['kill.txt', randomBytes(40).toString('hex')]])
      const path = `/ipfs/${cid}`
      const there = await lineTo('there')
      let isOver = false
      const served = Array.from({ length: 16 }, () => 0)
      const leastServed = () => Math.min(...served)
      const broken: number[] = []
      const workers = served.map(async (_, worker) => {
        let line = new Line(app.gatewayUrl)
        for (let isNew = true; !isOver;) {
          try {
            expect((await line.ask(path)).status).toBe(200)
            served[worker] = (served[worker] ?? 0) + 1
            isNew = false
          } catch (error) {
            // On a connection that had answered before, a killed process may break it; a new one was never its.
            if (isNew || (error as NodeJS.ErrnoException).code === undefined) throw error
            broken.push(worker)
            line.close()
            line = new Line(app.gatewayUrl)
            isNew = true
          }
        }
        line.close()
      })
      const all = Promise.all(workers)
      // Whoever holds a connection has answered on it: what breaks then was held by the one that is killed.
      await expect.poll(leastServed, { timeout: startMs }).toBeGreaterThan(5)
      process.kill(pid, 'SIGKILL')
      await expect(there.ask(path)).rejects.toThrow()
      const atKill = leastServed()
      await expect.poll(() => pidsIn(app.log()), { timeout: startMs }).toHaveLength(2)
      await expect.poll(leastServed, { timeout: startMs }).toBeGreaterThan(atKill + 5)
      isOver = true
      await all
      expect(new Set(broken).size).toBe(broken.length)
      expect(app.log()).toContain('"signal":"SIGKILL","msg":"a process of the gateway ended')
      expect((await (await lineTo('there')).ask(path)).status).toBe(200)
    },
    3 * startMs,
  )

  it('finish what is under way when the server ends', async () => {
    const large = randomBytes(24 * 1024 * 1024)
    const { cid } = await upload(app, key, [['large.bin', large]])
    const there = await lineTo('there')
    const response = await there.begin(`/ipfs/${cid}`)
    const [first] = (await once(response, 'data')) as [Buffer] // nobody set an encoding
    response.pause()
    const [pid = 0] = pidsIn(app.log()).slice(-1)
    const ended = app.app.close(startMs)
    const statusNow = async () => (await rawAsk(app.gatewayUrl, 'GET', emptyFile)).status
    await expect.poll(statusNow, { timeout: 60_000 }).toBe(503)
    let bytes = first.length
    for await (const piece of response) bytes += (piece as Buffer).length
    expect([response.complete, bytes]).toEqual([true, large.length])
    there.close()
    await ended
    expect(() => process.kill(pid, 0)).toThrow()
    await app.reopen()
  })
})

it('a killed main process takes its processes of the gateway along, and starts again on the same port', async () => {
  const installation = await makeInstallation('sqlite')
  try {
    const free = createServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port } = free.address() as AddressInfo // it listens on TCP
    await new Promise((resolve) => free.close(resolve))
    const env = { PINYON_GATEWAY_PROCESSES: '2', PINYON_GATEWAY_LISTEN: `127.0.0.1:${port}` }
    const main = await installation.start(['api', 'gateway', 'worker', 'node'], env)
    const key = await installation.setUp(main)
    await expect.poll(() => pidsIn(main.output()), { timeout: startMs }).toHaveLength(1)
    const { cid } = await uploadTo(main, key, { name: 'kept.txt', content: 'kept' })
    await main.kill()
    const again = await installation.start(['api', 'gateway', 'worker', 'node'], env)
    for (const pid of pidsIn(main.output())) {
      await expect.poll(() => isAlive(pid), { timeout: startMs }).toBe(false)
    }
    expect(await new Line(again.gatewayUrl).ask(`/ipfs/${cid}`)).toEqual({ status: 200, text: 'kept' })
    expect(await again.stop()).toBe(0)
  } finally {
    await installation.close()
  }
}, 180_000)

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
