import { setTimeout } from 'node:timers/promises'
import { startHeliaPeer } from '../../packages/server/test/support/helia-peer.ts'
import { startPostgres } from '../../packages/server/test/support/postgres.ts'
import { sha256 } from '../load/content.ts'
import type { Rig, RigContext } from '../rig.ts'
import { type BadNetwork, goodNetwork, openBadNetwork, type Quality } from '../support/bad-network.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { slowLineKilobits, slowTransfer } from './slow-transfer.ts'
import { loadFor, recovery, uploadOne } from './under-fault.ts'

/** Three of ten pieces are lost and sent again, all are late, and connections break without a word or with half of one. */
const bad: Quality = { ...goodNetwork, delayMs: 20, lost: 300, againMs: 60, resets: 12, cuts: 12 }

/** What section 6 asks of the network: 30 % loss, and connections that break. */
export const network: Rig = {
  name: 'network',
  proves:
    'a network that loses 30 %, is late, resets and cuts connections half way, between clients and server, server and PostgreSQL, node and peer, and a line of 1 Mbit, loses nothing acknowledged and leaves nothing half done (I1 to I9)',
  needs: [],
  async run(context) {
    const seconds = context.rounds ?? (context.profile === 'short' ? 8 : 120)
    const legs = [toClients, toPostgres, toPeer]
    const violations: string[] = []
    const figures: Record<string, string> = {}
    let points = 0
    for (const leg of legs) {
      const { counts, found } = await leg(context, seconds)
      points += counts.reset + counts.cut
      figures[leg.name] = JSON.stringify(counts)
      if (counts.reset + counts.cut === 0) found.push('no connection broke, so nothing was shown')
      violations.push(...found.map((words) => `${leg.name}: ${words}`))
    }
    const { seconds: took, found } = await overSlowLine(context)
    figures['there and back over 1 Mbit, s'] = String(took)
    violations.push(...found.map((words) => `slow line: ${words}`))
    return { points, violations, figures }
  },
  control: {
    does: 'the network turns bits over in what it carries to the server',
    async run(context) {
      const installation = await openInstallation(context)
      const relay = await betweenClients(context, installation)
      try {
        relay.quality = { ...goodNetwork, flips: 1_000 }
        // Where a bit of the head is another one, the request is refused and shows nothing.
        for (let at = 0; at < 10; at++) await uploadOne(installation, 20_000)
        installation.driver.urls = installation.server
        return (await installation.check({ all: true })).filter((words) => words.includes('has other bytes'))
      } finally {
        await relay.close()
        await installation.close()
      }
    },
  },
}

interface Outcome {
  readonly counts: BadNetwork['counts']
  readonly found: string[]
}

/** Clients write over the bad network; what is there is then read over a good one. */
async function toClients(context: RigContext, seconds: number): Promise<Outcome> {
  const dir = `${context.dir}/clients`
  const installation = await openInstallation({ ...context, dir })
  const relay = await betweenClients(context, installation)
  try {
    relay.quality = bad
    await loadFor(installation, seconds * 1_000)
    installation.driver.urls = installation.server
    return { counts: relay.counts, found: await installation.check({ all: true }) }
  } finally {
    await relay.close()
    await installation.close()
  }
}

/** A client far from everything: slow, and never still. */
async function overSlowLine(context: RigContext): Promise<{ seconds: number; found: string[] }> {
  const installation = await openInstallation({ ...context, dir: `${context.dir}/slow` })
  const relay = await betweenClients(context, installation)
  try {
    relay.quality = { ...goodNetwork, kilobitsPerSecond: slowLineKilobits }
    const { seconds, found } = await slowTransfer(installation, context.profile === 'short' ? 1_500_000 : 6_000_000)
    installation.driver.urls = installation.server
    return { seconds, found: [...found, ...(await installation.check({ all: true }))] }
  } finally {
    await relay.close()
    await installation.close()
  }
}

async function betweenClients({ random }: RigContext, { driver, server }: Installation): Promise<BadNetwork> {
  const relay = await openBadNetwork(Number(new URL(server.apiUrl).port), random.fork('network'))
  driver.urls = { ...driver.urls, apiUrl: `http://127.0.0.1:${relay.port}` }
  return relay
}

/** The server asks its database over the bad network: it lives, refuses what it cannot do, and is as before afterwards. */
async function toPostgres(context: RigContext, seconds: number): Promise<Outcome> {
  const database = await startPostgres()
  const url = new URL(await database.createDatabase())
  const relay = await openBadNetwork(Number(url.port), context.random.fork('database'))
  url.port = String(relay.port)
  try {
    const installation = await openInstallation(
      { ...context, dir: `${context.dir}/postgres` },
      { env: { PINYON_DATABASE_URL: url.href } },
    )
    try {
      relay.quality = { ...bad, delayMs: 4, resets: 3, cuts: 3 }
      await loadFor(installation, seconds * 1_000, { tolerance: 'unavailable' })
      relay.quality = goodNetwork
      const { exitCode, signalCode } = installation.server.process
      if (exitCode !== null || signalCode !== null)
        return { counts: relay.counts, found: [`the process ended: ${installation.server.output().slice(-1_500)}`] }
      const { violations } = await recovery(installation)
      return { counts: relay.counts, found: [...violations, ...(await installation.check({ all: true }))] }
    } finally {
      await installation.close()
    }
  } finally {
    await relay.close()
    await database.stop()
  }
}

/** What only a Helia peer has is pinned over the bad network, and is what it was. */
async function toPeer(context: RigContext, seconds: number): Promise<Outcome> {
  const { random } = context
  const peer = await startHeliaPeer()
  const port = Number(peer.addresses.find((address) => !address.includes('/ws'))?.split('/')[4])
  const relay = await openBadNetwork(port, random.fork('peer'))
  try {
    const installation = await openInstallation(
      { ...context, dir: `${context.dir}/peer` },
      {
        env: {
          PINYON_IPFS: 'embedded',
          PINYON_IPFS_NETWORK: 'local',
          PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0',
        },
      },
    )
    try {
      relay.quality = bad
      const origins = [`/ip4/127.0.0.1/tcp/${relay.port}/p2p/${peer.peerId}`]
      const found: string[] = []
      // Enough of them that some connection breaks.
      for (let at = 0; at < seconds && (at < 3 || relay.counts.reset + relay.counts.cut < seconds); at++)
        found.push(...(await pinOver(installation, random.bytes(2_000_000), { peer, origins })))
      return { counts: relay.counts, found: [...found, ...(await installation.check({ all: true }))] }
    } finally {
      await installation.close()
    }
  } finally {
    await relay.close()
    await peer.close()
  }
}

/** Attempts come after one another; so long may all of them take. */
const pinnedWithinMs = 240_000

async function pinOver(
  { driver }: Installation,
  bytes: Buffer,
  { peer, origins }: { peer: Awaited<ReturnType<typeof startHeliaPeer>>; origins: readonly string[] },
): Promise<string[]> {
  const cid = (await peer.files.addBytes(bytes)).toString()
  const name = `pin-${driver.random.hex(12)}`
  const pin = driver.history.add({ kind: 'pin', account: 0, name })
  const answer = await driver.change(
    pin,
    { cid },
    { method: 'POST', path: '/psa/pins', json: { cid, name, origins } },
    [202],
  )
  pin.id = answer?.body.requestid
  const until = performance.now() + pinnedWithinMs
  for (;;) {
    const { status } = (await driver.ask({ method: 'GET', path: `/psa/pins/${pin.id}` }))?.body ?? {}
    if (status === 'pinned') break
    if (status === 'failed' || performance.now() > until) return [`the pin of ${cid} is ${status}`]
    await setTimeout(50)
  }
  const read = await driver.read({ method: 'GET', path: `${driver.urls.gatewayUrl}/ipfs/${cid}`, as: 'none' })
  return read?.status === 200 && sha256(read.body) === sha256(bytes) ? [] : [`${cid} reads as ${read?.status}`]
}
