import { createHash } from 'node:crypto'
import { insertInstallation } from '../../src/accounts/queries.ts'
import { type DiskStore, openDiskPacks } from '../../src/blobs/disk.ts'
import { type DatabaseConfig, openDatabase } from '../../src/db/database.ts'
import type { Block } from '../../src/ipfs/block.ts'
import type { Cid } from '../../src/ipfs/cid.ts'
import { codecs } from '../../src/ipfs/codecs.ts'
import { sha256Multihash } from '../../src/ipfs/multihash.ts'
import { createIdSource } from '../../src/lib/ids.ts'
import { openLog } from '../../src/lib/log.ts'
import { Denials } from '../../src/denials/denials.ts'
import { createMetrics } from '../../src/lib/metrics.ts'
import { openBlockWriter } from '../../src/pins/block-writer.ts'
import { BlocksInFlight } from '../../src/pins/blocks-in-flight.ts'
import { publishPin } from '../../src/pins/publish-pin.ts'
import { releaseHolder } from '../../src/pins/release-pin.ts'
import { VerifiedBlocks } from '../../src/pins/verified-blocks.ts'
import type { Services } from '../../src/services.ts'

/** The part of the services that the ledger works with. */
export type LedgerServices = Pick<
  Services,
  'db' | 'blocksInFlight' | 'verifiedBlocks' | 'denials' | 'metrics' | 'log' | 'clock' | 'newId' | 'installation'
> & { readonly packs: DiskStore }

/** Where a ledger lies: one directory, one database. */
export interface LedgerPlace {
  readonly dir: string
  readonly packsDir: string
  readonly database: DatabaseConfig
}

/** A ledger that was opened; `close` ends it as a process that stops in order does. */
export interface OpenLedger extends LedgerServices {
  close(): Promise<void>
}

/** Both databases, for `describe.each`. */
export const databases = ['sqlite', 'postgres'] as const

let writers = 0

/** Opens what is there as a new writer. */
export async function openLedger(
  place: LedgerPlace,
  options: { segmentBytes?: number; cacheBytes?: number; writerId?: string } = {},
): Promise<OpenLedger> {
  const clock = { now: () => Date.now() }
  const db = await openDatabase(place.database, { clock })
  await db.write((tx) => insertInstallation(tx, { id: 'installation', at: 1 }))
  const log = openLog({ level: 'silent', readable: false })
  const packs = await openDiskPacks({
    dir: place.packsDir,
    writerId: options.writerId ?? `w${process.pid}-${++writers}`,
    minFreeBytes: 0,
    ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
  })
  return {
    db,
    packs,
    clock,
    blocksInFlight: new BlocksInFlight(),
    verifiedBlocks: new VerifiedBlocks({ maxBytes: options.cacheBytes ?? 1_000_000 }),
    metrics: createMetrics(),
    denials: new Denials({ db, log }),
    log,
    newId: createIdSource(clock),
    installation: { id: 'installation', apiUrl: '', gatewayUrl: '' },
    async close() {
      await packs.close()
      await db.close()
    },
  }
}

/** A raw block with these bytes. */
export function rawBlock(bytes: Uint8Array | string): Block & { readonly cid: Cid } {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  const multihash = sha256Multihash([content])
  const cid: Cid = { version: 1, codec: codecs.raw, multihash }
  return { ...cid, cid, bytes: [content], sizeBytes: content.length }
}

/** Bytes that are the same for the same seed, and others for any other. */
export function bytesOf(seed: string | number, sizeBytes: number): Uint8Array {
  return Buffer.alloc(sizeBytes, createHash('sha512').update(String(seed)).digest())
}

/** Uploads blocks and pins `root`; the id of the pin. */
export async function pinBlocksOf(
  services: LedgerServices,
  {
    root,
    blocks,
    network = 'public',
    accountId = 'a',
    maxBlocksInMemory,
  }: {
    root: Cid
    blocks: readonly Block[]
    network?: 'public' | 'private'
    accountId?: string
    maxBlocksInMemory?: number
  },
): Promise<{ pinId: string; isNew: boolean }> {
  await using writer = openBlockWriter(services, {
    accountId,
    ...(maxBlocksInMemory === undefined ? {} : { maxBlocksInMemory }),
  })
  for (const block of blocks) await writer.put(block)
  const written = await writer.finish({ network })
  const about = { sizeBytes: 1, numberOfFiles: 1, mimeType: '', createdAt: 1, newId: services.newId }
  return await services.db.write((tx) => publishPin(tx, { root, network, written, ...about }))
}

/** Takes one holder from a pin. */
export function release({ db }: LedgerServices, pinId: string): Promise<void> {
  return db.write((tx) => releaseHolder(tx, pinId))
}

/** Has an account, made when it is not there, hold a pin by a file; the id of the file. */
export async function holdByFile(
  { db, newId }: LedgerServices,
  { accountId, pinId, network }: { accountId: string; pinId: string; network: 0 | 1 },
): Promise<string> {
  const id = newId()
  const account = { id: accountId, name: '', email: '', created_at: 1, disabled_at: null, quota_bytes: null }
  const nothing = { name: null, name_folded: null, group_id: null, created_by_key: null, expires_at: null }
  const content = { cid: 'b', multihash: Uint8Array.of(1), codec: 1, size_bytes: 1, number_of_files: 1, mime_type: '' }
  const file = { id, account_id: accountId, network, state: 'held', source: 'upload', pin_id: pinId, created_at: 1 }
  await db.write(async (tx) => {
    await tx
      .insertInto('accounts')
      .values({ ...account, public_content: 'allowed' })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    await tx
      .insertInto('files')
      .values({ ...file, ...nothing, ...content, updated_at: 1, released_at: null })
      .execute()
  })
  return id
}

/** Rows of the tables that the ledger is made of. */
export async function countRows({ db }: LedgerServices): Promise<Record<'pins' | 'pin_blocks' | 'blocks', number>> {
  const count = async (table: 'pins' | 'pin_blocks' | 'blocks') => {
    const { n } = await db.read
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    return n
  }
  return { pins: await count('pins'), pin_blocks: await count('pin_blocks'), blocks: await count('blocks') }
}
