// Sends pin requests, or one body again and again, on a few connections that stay open, each the next when the last was
// answered.
import { randomBytes } from 'node:crypto'
import { formatCid } from '../../packages/server/src/ipfs/cid.ts'
import { Connection, headOf } from './connection.ts'

/** What to send. */
export interface AcceptLoad {
  readonly url: string
  /** Used in turn. */
  readonly authorizations: readonly string[]
  readonly clients: number
  readonly seconds: number
  /** JSON to send; left out: a pin of a CID that nobody has. */
  readonly body?: string
}

/** What came of it. */
export interface Accepted {
  readonly accepted: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

process.once('message', (load: AcceptLoad) => {
  void run(load).then((accepted) => process.send?.(accepted))
})

async function run({ url, authorizations, clients, seconds, body: given }: AcceptLoad): Promise<Accepted> {
  const times: number[] = []
  const started = performance.now()
  const until = started + seconds * 1000
  await Promise.all(
    Array.from({ length: clients }, async (_, n) => {
      const to = new URL(url)
      const authorization = authorizations[n % authorizations.length] ?? ''
      const head = headOf(to, { authorization, 'content-type': 'application/json' })
      const connection = await Connection.open(to)
      while (performance.now() < until) {
        const body = given ?? JSON.stringify({ cid: randomCid(), name: `pin ${times.length}` })
        const at = performance.now()
        await connection.send(head, body)
        times.push(performance.now() - at)
      }
      connection.close()
    }),
  )
  const took = (performance.now() - started) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? NaN
  return { accepted: times.length, seconds: took, p50Ms: at(0.5), p99Ms: at(0.99) }
}

function randomCid(): string {
  return formatCid({ version: 1, codec: 0x55, multihash: Buffer.concat([Buffer.from([0x12, 32]), randomBytes(32)]) })
}
