import { describe, expect, it } from 'vitest'
import { formatCid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { putRaw } from '../src/ipfs/sample-dags.ts'
import { announcePins, withdrawJob, withdrawRoot } from '../src/pins/announce-pins.ts'
import { allowContent, denyContent } from '../src/pins/deny-content.ts'
import { claim } from '../src/jobs/queue.ts'
import { databases, pinBlocksOf, rawBlock, release } from './support/ledger.ts'
import { openEngine } from './support/pin-engine.ts'

const hour = 3_600_000

describe.each(databases)('announcing on %s', (kind) => {
  const open = async () => {
    const engine = await openEngine(kind)
    const { services } = engine
    const announce = () => announcePins(services, new AbortController().signal)
    const withdraw = async () => {
      const now = services.clock.now()
      const jobs = await services.db.write((tx) => claim(tx, { kind: withdrawJob, now, leaseUntil: now, limit: 9 }))
      for (const job of jobs) await withdrawRoot(services, job)
    }
    return { ...engine, announce, withdraw }
  }

  it('tells of roots of public pins, uploaded or fetched, and of nothing private or staged', async () => {
    const engine = await open()
    const { node, services, announce } = engine
    const [upload, secret] = [rawBlock('uploaded'), rawBlock('private')]
    await pinBlocksOf(services, { root: upload.cid, blocks: [upload, rawBlock('not a root')] })
    await pinBlocksOf(services, { root: secret.cid, blocks: [secret], network: 'private' })
    await engine.addAccount('a')
    const blocks = new MemoryBlocks()
    const fetched = putRaw(blocks, 'fetched')
    node.add(blocks)
    await engine.ask('a', fetched)
    await engine.run(await engine.takeJob())
    await announce()
    expect(node.announced.toSorted()).toEqual([formatCid(upload.cid), formatCid(fetched)].toSorted())
    await announce()
    expect(node.announced).toHaveLength(2)
  })

  it('tells again after half a day, and after ten minutes when nobody could be told', async () => {
    const engine = await open()
    const { node, services, announce } = engine
    const block = rawBlock('again')
    await pinBlocksOf(services, { root: block.cid, blocks: [block] })
    const tell = node.announce.bind(node)
    node.announce = () => Promise.reject(new Error('nobody is there'))
    await announce()
    node.announce = tell
    await announce()
    expect(node.announced).toEqual([])
    engine.move(600_000)
    await announce()
    expect(node.announced).toHaveLength(1)
    engine.move(12 * hour)
    await announce()
    expect(node.announced).toHaveLength(2)
  })

  it('withdraws what nobody holds any more, and tells anew when it comes back', async () => {
    const { node, services, announce, withdraw } = await open()
    const block = rawBlock('goes and comes')
    const root = block.cid
    const { pinId } = await pinBlocksOf(services, { root, blocks: [block] })
    await announce()
    await release(services, pinId)
    await withdraw()
    expect(node.withdrawn).toEqual([formatCid(root)])
    await pinBlocksOf(services, { root, blocks: [block] })
    await announce()
    expect(node.announced).toEqual([formatCid(root), formatCid(root)])
    // Back before the job ran: it stays announced.
    const again = await services.db.read
      .selectFrom('pins')
      .select('id')
      .where('state', '=', 'pinned')
      .executeTakeFirst()
    await release(services, again?.id ?? '')
    await pinBlocksOf(services, { root, blocks: [block] })
    await withdraw()
    expect(node.withdrawn).toHaveLength(1)
  })

  it('withdraws what is taken down, tells nobody of it, and tells anew when it is allowed', async () => {
    const engine = await open()
    const { node, services, announce, withdraw } = engine
    const known = rawBlock('taken down')
    await pinBlocksOf(services, { root: known.cid, blocks: [known] })
    await announce()
    await denyContent(services, 'machine', { cid: formatCid(known.cid), reason: 'No.' })
    await withdraw()
    expect(node.withdrawn).toEqual([formatCid(known.cid)])
    engine.move(12 * hour)
    await announce()
    expect(node.announced).toHaveLength(1)
    await allowContent(services, 'machine', formatCid(known.cid))
    await announce()
    expect(node.announced).toHaveLength(2)
  })

  it('has nothing to withdraw where nothing was announced', async () => {
    const engine = await open()
    const { services } = engine
    const block = rawBlock('quiet')
    const { pinId } = await pinBlocksOf(services, { root: block.cid, blocks: [block] })
    await release(services, pinId)
    expect(await engine.jobs()).toEqual([])
    expect(await services.db.read.selectFrom('jobs').select('kind').execute()).toEqual([])
  })
})
