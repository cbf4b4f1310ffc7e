import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AcceptLoad, Accepted } from './pin-client.ts'
import { type Server, startPinyon } from './processes.ts'

const clients = 16
const accounts = 8
const seconds = 8

/** Nothing is fetched: what it costs to accept, alone. */
const nothingFetched = ['env', 'PINYON_PIN_SLOTS=new=0,newest=0,retry=0']

/**
 * Requests accepted a second, how long they took, and the processor time of one, on an empty server (SQLite): alone, and
 * while the server looks for what was asked for (without a network, so that it ends soon and often).
 */
export async function measureAcceptance(place: string): Promise<void> {
  console.log(`\n${clients} clients, ${accounts} accounts, POST of pins that nobody has, ${seconds} s`)
  const alone = await measure('accepting alone', join(place, 'alone'), nothingFetched)
  const { PSA_PEER: peer, PSA_PEER_AUTH: authorization = '' } = process.env
  if (peer !== undefined) {
    const theirs = await accept({ url: `${peer}/pins`, authorizations: [authorization], clients, seconds })
    report('the peer', theirs)
    console.log(`ratio ${(rate(alone) / rate(theirs)).toFixed(2)}`)
  }
  await measure('and fetching', join(place, 'fetching'), [])
}

/**
 * As `measureAcceptance`, up to so many pins, as a service grows old: ours while it looks for what was asked for (without
 * a network), then the peer, each in pieces.
 */
export async function measureFilling(place: string, pins: number): Promise<void> {
  console.log(`\n${clients} clients, ${accounts} accounts, POST of pins that nobody has, up to ${pins}`)
  const server = await startPinyon(place)
  let ours: readonly Accepted[]
  try {
    const authorizations = await makeAccounts(server)
    const load = { url: `${server.url}/psa/pins`, authorizations, clients, seconds }
    ours = await fill('ours', load, pins, () => `, ${server.rssMb().toFixed(0)} MB in memory`)
  } finally {
    await server.stop()
  }
  const { PSA_PEER: peer, PSA_PEER_AUTH: authorization = '' } = process.env
  if (peer === undefined) return
  const theirs = await fill(
    'the peer',
    { url: `${peer}/pins`, authorizations: [authorization], clients, seconds },
    pins,
  )
  console.log(`ratio ${(rateOf(ours) / rateOf(theirs)).toFixed(2)}`)
}

async function fill(
  name: string,
  load: AcceptLoad,
  pins: number,
  beside: () => string = () => '',
): Promise<readonly Accepted[]> {
  const pieces: Accepted[] = []
  for (let there = 0; there < pins;) {
    const piece = await accept(load)
    pieces.push(piece)
    there += piece.accepted
    report(`${name}, ${there} there${beside()}`, piece)
  }
  console.log(`${name}: ${rateOf(pieces).toFixed(0)} accepted/s`)
  return pieces
}

/** Of all pieces together. */
function rateOf(pieces: readonly Accepted[]): number {
  const sum = (of: (piece: Accepted) => number) => pieces.reduce((all, piece) => all + of(piece), 0)
  return sum(({ accepted }) => accepted) / sum(({ seconds: took }) => took)
}

async function measure(name: string, dir: string, under: readonly string[]): Promise<Accepted> {
  const server = await startPinyon(dir, under)
  try {
    const authorizations = await makeAccounts(server)
    const url = `${server.url}/psa/pins`
    await accept({ url, authorizations, clients, seconds: 2 })
    const before = server.cpuSeconds()
    const accepted = await accept({ url, authorizations, clients, seconds })
    report(name, accepted, ((server.cpuSeconds() - before) * 1e6) / accepted.accepted)
    return accepted
  } finally {
    await server.stop()
  }
}

async function makeAccounts({ url, headers }: Server): Promise<string[]> {
  const post = async (path: string, json: unknown, more: Record<string, string> = {}) => {
    const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(json), headers: more })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as { invite: { token: string }; key: { JWT: string } } // of either route
  }
  const made: string[] = []
  for (let n = 0; n < accounts; n++) {
    const account = { name: `bench ${n}`, email: `bench-${n}@example.test` }
    const { invite } = await post('/pinyon/v1/accounts', account, { ...headers })
    const { key } = await post('/pinyon/v1/invites/accept', { token: invite.token, password: 'correct horse battery' })
    made.push(`Bearer ${key.JWT}`)
  }
  return made
}

/** Sends a load from a process of its own. */
export async function accept(load: AcceptLoad): Promise<Accepted> {
  const child = fork(fileURLToPath(new URL('pin-client.ts', import.meta.url)))
  child.send(load)
  const [answer] = await once(child, 'message')
  child.kill()
  return answer as Accepted // what the client answers
}

function rate({ accepted, seconds: took }: Accepted): number {
  return accepted / took
}

function report(name: string, accepted: Accepted, cpuMicros?: number): void {
  const { p50Ms, p99Ms } = accepted
  const cpu = cpuMicros === undefined ? '' : `, ${cpuMicros.toFixed(0)} µs of processor each`
  console.log(
    `${name}: ${rate(accepted).toFixed(0)} accepted/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms${cpu}`,
  )
}
