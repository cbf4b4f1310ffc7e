import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AcceptLoad, Accepted } from './pin-client.ts'
import { type Server, startPinyon } from './processes.ts'

const clients = 16
const accounts = 8
const seconds = 8

/** Requests accepted a second, how long they took, and the processor time of one, on an empty server (SQLite). */
export async function measureAcceptance(place: string): Promise<void> {
  console.log(`\n${clients} clients, ${accounts} accounts, POST of pins that nobody has, ${seconds} s`)
  const server = await startPinyon(join(place, 'accept'))
  try {
    const authorizations = await makeAccounts(server)
    const url = `${server.url}/psa/pins`
    await accept({ url, authorizations, clients, seconds: 2 })
    const before = server.cpuSeconds()
    const ours = await accept({ url, authorizations, clients, seconds })
    report('Pinyon', ours, ((server.cpuSeconds() - before) * 1e6) / ours.accepted)
    const { PSA_PEER: peer, PSA_PEER_AUTH: authorization = '' } = process.env
    if (peer === undefined) return
    const theirs = await accept({ url: `${peer}/pins`, authorizations: [authorization], clients, seconds })
    report('the peer', theirs)
    console.log(`ratio ${(ours.accepted / theirs.accepted).toFixed(2)}`)
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

/** From a process of its own. */
async function accept(load: AcceptLoad): Promise<Accepted> {
  const child = fork(fileURLToPath(new URL('pin-client.ts', import.meta.url)))
  child.send(load)
  const [answer] = await once(child, 'message')
  child.kill()
  return answer as Accepted // what the client answers
}

function report(name: string, { accepted, seconds: took, p50Ms, p99Ms }: Accepted, cpuMicros?: number): void {
  const cpu = cpuMicros === undefined ? '' : `, ${cpuMicros.toFixed(0)} µs of processor each`
  console.log(
    `${name}: ${(accepted / took).toFixed(0)} accepted/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms${cpu}`,
  )
}
