import type { MultihashTable } from '../ipfs/multihash-table.ts'
import type { Services } from '../services.ts'
import { noNetworkYet } from './network.ts'
import { insertPin, type PinRow } from './queries.ts'
import { listPinBlocks, listPinMultihashes, movePinBlocks, updatePinBlocksNetwork } from './ledger-queries.ts'

/** Rows of one write: so few that others hardly wait for it. */
const sliceRows = 2048

/** A pin whose rows protect the blocks of an upload under way. It has no root yet, so nobody finds it. */
export function stagingRow({ id, at, writerId }: { id: string; at: number; writerId: string }): PinRow {
  const nothing = { multihash: null, codec: 0, size_bytes: 0, number_of_blocks: 0, number_of_files: 0, mime_type: '' }
  return { ...nothing, id, network: noNetworkYet, state: 'staging', holders: 0, created_at: at, writer_id: writerId }
}

/**
 * Puts the rows of a staging on the network it will be published on, slice by slice. They show nothing before that,
 * because blocks are only visible by published pins.
 */
export async function moveToNetwork(
  { db }: Pick<Services, 'db'>,
  { pinId, network }: { pinId: string; network: number },
): Promise<void> {
  for (let after = -1; ;) {
    const last = (await listPinBlocks(db.read, { pinId, after, limit: sliceRows })).at(-1)?.block_id
    if (last === undefined) return
    const from = after
    await db.write((tx) => updatePinBlocksNetwork(tx, { pinId, network, after: from, last }))
    after = last
  }
}

/** Takes blocks that are not in `reached` out of a staging, to be collected. Returns how many. */
export async function keepReached(
  { db, clock, newId, packs }: Pick<Services, 'db' | 'clock' | 'newId' | 'packs'>,
  { pinId, reached }: { pinId: string; reached: MultihashTable },
): Promise<number> {
  const others = newId()
  let count = 0
  for (let after = -1; ;) {
    const slice = await listPinMultihashes(db.read, { pinId, after, limit: sliceRows })
    const last = slice.at(-1)
    if (last === undefined) return count
    after = last.id
    const blockIds = slice.filter(({ multihash }) => !reached.has(multihash)).map(({ id }) => id)
    if (blockIds.length === 0) continue
    const isFirst = count === 0
    await db.write(async (tx) => {
      const row = stagingRow({ id: others, at: clock.now(), writerId: packs.writerId })
      if (isFirst) await insertPin(tx, { ...row, state: 'releasing' })
      await movePinBlocks(tx, { from: pinId, to: others, blockIds })
    })
    count += blockIds.length
  }
}
