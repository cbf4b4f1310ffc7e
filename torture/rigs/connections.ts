import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendRequest } from '../../packages/server/test/support/app.ts'
import { formBytes, formType } from '../../packages/server/test/support/upload.ts'
import type { Rig, RigContext, RigResult } from '../rig.ts'
import { ServerEnded, startWatchedServer, type WatchedServer } from '../support/watched-server.ts'

const idleCount = 2_000
const activeCount = 500
/** What each active connection waits after an answer. */
const pauseMs = 1_000
const boundMs = 1_000

/** F70: many connections, most of them doing nothing. */
export const connections: Rig = {
  name: 'connections',
  proves: 'beside 2,000 idle and 500 active connections a read of 1 KiB takes less than a second, p99 (F70)',
  needs: [],
  run: (context) => crowd(context, context.rounds ?? (context.profile === 'long' ? 120 : 15)),
  control: {
    does: 'a server that may have 1,500 descriptors',
    run: async (context) => (await crowd(context, 10, ['prlimit', '--nofile=1500:1500'])).violations,
  },
}

async function crowd(context: RigContext, seconds: number, wrap: string[] = []): Promise<RigResult> {
  const server = await startWatchedServer(join(context.dir, 'data'), { wrap })
  const violations: string[] = []
  const idle: Socket[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  try {
    const key = await server.setUp()
    const path = await placeContent(server, key.JWT)
    const before = await server.watch()
    let cut = 0
    for (let i = 0; i < idleCount; i++) {
      const socket = await openIdle(i % 2 === 0 ? server.apiUrl : server.gatewayUrl)
      socket.on('close', () => cut++).on('error', () => undefined)
      idle.push(socket)
    }
    const tookMs: number[] = []
    const failures = new Map<string, number>()
    const until = performance.now() + seconds * 1_000
    const active = async (number: number) => {
      // Not all in the same moment, as nobody does.
      await sleep((number / activeCount) * pauseMs)
      while (performance.now() < until) {
        const began = performance.now()
        const problem = await readOnce(`${server.gatewayUrl}${path}`, agent)
        if (problem === undefined) tookMs.push(performance.now() - began)
        else failures.set(problem, (failures.get(problem) ?? 0) + 1)
        await sleep(pauseMs)
      }
    }
    await Promise.all(Array.from({ length: activeCount }, (_, number) => active(number)))
    tookMs.sort((a, b) => a - b)
    const at = (share: number) => tookMs[Math.floor(tookMs.length * share)] ?? Number.POSITIVE_INFINITY
    if (at(0.99) >= boundMs) violations.push(`p99 of a read is ${at(0.99).toFixed(0)} ms`)
    for (const [problem, count] of failures) violations.push(`${count} reads failed: ${problem}`)
    // After 72 s without a request they may be.
    if (cut > 0 && seconds < 60) violations.push(`${cut} idle connections were cut`)
    const { longestHoldMs } = await server.watch()
    agent.destroy()
    for (const socket of idle) socket.destroy()
    violations.push(...(await returned(server, before.descriptors)))
    return {
      points: tookMs.length,
      violations,
      figures: {
        'reads per second': Math.round(tookMs.length / seconds),
        'p50, ms': Math.round(at(0.5)),
        'p99, ms': Math.round(at(0.99)),
        'slowest, ms': Math.round(tookMs.at(-1) ?? 0),
        'longest hold, ms of processor time': Math.round(longestHoldMs),
        'RSS before, MiB': Math.round(before.rssBytes / 1024 ** 2),
      },
    }
  } catch (error) {
    if (!(error instanceof ServerEnded)) throw error
    return { points: 0, violations: [...violations, error.message] }
  } finally {
    agent.destroy()
    for (const socket of idle) socket.destroy()
    await server.stop()
  }
}

async function placeContent({ apiUrl }: WatchedServer, jwt: string): Promise<string> {
  const body = formBytes([['network', 'public'], ['file', Buffer.alloc(1_024, 'x'), 'small.bin']]) // prettier-ignore
  const headers = { 'content-type': formType }
  const { body: kept } = await sendRequest(`${apiUrl}/v3/files`, 'POST', { key: jwt, body: new Uint8Array(body), headers }) // prettier-ignore
  return `/ipfs/${String(kept.data.cid)}`
}

/** A connection that asked once and keeps quiet then: between requests it may wait for over a minute. */
function openIdle(base: string): Promise<Socket> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    const done = () => resolve(socket)
    socket.once('data', done).once('error', done).once('close', done)
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n')
  })
}

/** One read; what went wrong, in words. */
function readOnce(url: string, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve) => {
    get(url, { agent, timeout: 30_000 }, (answer) => {
      let bytes = 0
      answer.on('data', (piece: Buffer) => (bytes += piece.length))
      answer.on('end', () => resolve(answer.statusCode === 200 && bytes === 1_024 ? undefined : `status ${String(answer.statusCode)}`)) // prettier-ignore
      answer.on('error', (error) => resolve(error.message))
    })
      .on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
      .on('timeout', () => resolve('no answer in 30 s'))
  })
}

/** What was opened for them is closed when they have gone. */
async function returned(server: WatchedServer, descriptors: number): Promise<string[]> {
  const deadline = performance.now() + 30_000
  let now = await server.watch()
  while (now.descriptors > descriptors + 16 && performance.now() < deadline) {
    await sleep(500)
    now = await server.watch()
  }
  return now.descriptors > descriptors + 16 ? [`${now.descriptors} descriptors are open, ${descriptors} were`] : []
}
