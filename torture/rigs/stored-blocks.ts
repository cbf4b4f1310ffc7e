import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A block that a file needs, as the index says. */
export interface StoredBlock {
  readonly multihash: Uint8Array
  readonly pack: string
  readonly offset: number
  readonly length: number
}

/** The packs of an installation as they are at this moment, in memory. */
export function readPacks(dataDir: string, names: Iterable<string>): Map<string, Buffer> {
  const packs = new Map<string, Buffer>()
  for (const name of names) {
    const path = join(dataDir, 'packs', `${name}.car`)
    if (existsSync(path)) packs.set(name, readFileSync(path))
  }
  return packs
}

/** Every block that a file needs, read from the database of an installation on SQLite. */
export function listStored(dataDir: string): StoredBlock[] {
  const db = new DatabaseSync(join(dataDir, 'pinyon.db'), { readOnly: true, timeout: 10_000 })
  try {
    const rows = db
      .prepare(
        `select b.multihash, p.name as pack, b."offset", b.length from blocks b join packs p on p.id = b.pack_id
          where exists (select 1 from pin_blocks pb join files f on f.pin_id = pb.pin_id where pb.block_id = b.id)`,
      )
      .all()
    return rows as unknown as StoredBlock[] // the columns are those of the statement
  } finally {
    db.close()
  }
}

/** Blocks whose bytes in these packs are not what they were, by multihash in hexadecimal: no hash is computed for it. */
export function damagedIn(
  blocks: readonly StoredBlock[],
  { before, after }: { before: ReadonlyMap<string, Buffer>; after: ReadonlyMap<string, Buffer> },
): Set<string> {
  const bytesIn = (packs: ReadonlyMap<string, Buffer>, { pack, offset, length }: StoredBlock) =>
    packs.get(pack)?.subarray(offset, offset + length)
  const damaged = new Set<string>()
  for (const block of blocks) {
    const was = bytesIn(before, block)
    const is = bytesIn(after, block)
    if (was === undefined || is === undefined || !was.equals(is))
      damaged.add(Buffer.from(block.multihash).toString('hex'))
  }
  return damaged
}
