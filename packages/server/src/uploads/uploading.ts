import type { Db } from '../db/database.ts'
import { formatCid } from '../ipfs/cid.ts'
import { requireCarAllowed } from '../keys/upload-bounds.ts'
import { AppError } from '../lib/errors.ts'
import { type BlockWriter, openBlockWriter } from '../pins/block-writer.ts'
import { countPinBlocks } from '../pins/ledger-queries.ts'
import type { Services } from '../services.ts'
import { lockAccountRoom } from '../usage/queries.ts'
import { requireRoom } from '../usage/quota.ts'
import { ChunkFeed, type FedFile } from './chunk-feed.ts'
import { setUploadFileNode, touchFolder } from './folder-queries.ts'
import { judgeEntriesOf } from './judge-entries.ts'
import { keepFile } from './keep-file.ts'
import type { UploadHolder } from './get-upload.ts'
import { findStagingOf, leaseUpload, markUploadDone, saveUpload, setUploadStaging, type UploadRow } from './queries.ts'
import type { UploadServices } from './receive-file.ts'
import { contentOfUpload, sampleOf } from './resumable-content.ts'
import { readChoice, readState, type ResumableChoice, writeNodeText, writeState } from './upload-state.ts'

/** What a resumable upload needs. */
export type ResumableServices = UploadServices & Pick<Services, 'config' | 'activeUploads'>

/** So much, or so long, is what a killed process may lose of what came: less than any client sends in one request. */
const saveBytes = 32 * 1024 * 1024
const saveMs = 2_000
/** Other processes leave the upload to this one for so long after it last said how far it is. */
const leaseMs = 5_000

/**
 * Takes bytes for an upload where it stands. Its blocks go into the packs as they come, named by a staging that outlives
 * the process; beside them only the import's unfinished state is kept. Whoever else begins to take bytes for it ends
 * this one: its next write throws `conflict`.
 */
export class Uploading implements AsyncDisposable {
  readonly row: UploadRow
  readonly #services: ResumableServices
  readonly #holder: UploadHolder
  readonly #choice: ResumableChoice
  readonly #writer: BlockWriter
  readonly #file: FedFile
  readonly #length: number | null
  #offset: number
  #reserved: number
  #savedOffset: number
  #savedAt = performance.now()

  private constructor(
    services: ResumableServices,
    row: UploadRow,
    { holder, writer, length }: { holder: UploadHolder; writer: BlockWriter; length: number | null },
  ) {
    this.row = row
    this.#services = services
    this.#choice = readChoice(row.choice)
    this.#holder = holder
    this.#writer = writer
    this.#length = length
    this.#offset = this.#savedOffset = row.offset_bytes
    this.#reserved = row.reserved_bytes
    const paused =
      row.layout_state === null
        ? undefined
        : { state: readState(row.layout_state), tail: row.tail ?? new Uint8Array(0) }
    this.#file = new ChunkFeed(writer, this.#choice.layout).openFile(paused)
  }

  /** Begins. Throws `locked` while another process takes bytes for it. */
  static async open(
    services: ResumableServices,
    holder: UploadHolder,
    { id, beganAt, length }: { id: string; beganAt: number; length: number | undefined },
  ): Promise<Uploading> {
    const { db, clock, packs } = services
    const now = clock.now()
    const [row] = await db.write((tx) =>
      leaseUpload(tx, { id, now, until: now + leaseMs, writer: packs.writerId, beganAt }),
    )
    if (row === undefined) {
      throw new AppError('locked', 'Another request sends bytes for this upload at this moment.', {
        retryAfterSeconds: 2,
      })
    }
    const { lease } = row
    const pinId = await findStagingOf(db.read, row)
    const staging = pinId === null ? undefined : { pinId, numberOfBlocks: await countPinBlocks(db.read, pinId) }
    const writer = openBlockWriter(services, {
      accountId: row.account_id,
      reach: holder.reach,
      network: readChoice(row.choice).network,
      staging,
      async onStaging(tx, stagingId) {
        requireOurs(await setUploadStaging.changes(tx, { id, lease, pinId: stagingId }))
      },
    })
    return new Uploading(services, row, { holder, writer, length: row.length_bytes ?? length ?? null })
  }

  /** Bytes that came so far. */
  get offset(): number {
    return this.#offset
  }

  /** Whether all bytes of the file are here. */
  get isWhole(): boolean {
    return this.#offset === this.#length
  }

  /** Takes the next bytes. A promise means: wait. Throws `too_large` behind the end of the file. */
  take(piece: Uint8Array, { mayBeSaved }: { mayBeSaved: boolean }): Promise<void> | void {
    if (this.#length !== null && this.#offset + piece.length > this.#length) {
      throw new AppError('too_large', `The chunk ends behind the end of the file, which has ${this.#length} bytes`)
    }
    this.#offset += piece.length
    const wait = this.#file.write(piece)
    const isDue = this.#offset - this.#savedOffset >= saveBytes || performance.now() - this.#savedAt >= saveMs
    // The end is written down with the file, or somebody would be told that the upload is whole and find none.
    if (!isDue || !mayBeSaved || this.isWhole) return wait
    return this.#saveAfter(wait)
  }

  /** Makes durable what came. With `isLast` others may go on at once. */
  async save({ isLast }: { isLast: boolean }): Promise<void> {
    const { state, tail } = await this.#file.pause()
    const { packs, clock, config } = this.#services
    const { id, lease, account_id: accountId } = this.row
    const now = clock.now()
    const reserved = this.row.kind === 'part' ? 0 : (this.#length ?? this.#offset)
    await this.#writer.save(async (tx) => {
      if (reserved > this.#reserved) {
        const isPublic = this.#choice.network === 'public'
        await requireRoom(tx, { accountId, isPublic, bytes: reserved - this.#reserved })
      }
      const written = {
        offset: this.#offset,
        length: this.#length,
        reserved,
        state: writeState(state),
        tail,
        until: isLast ? now : now + leaseMs,
        writer: isLast ? null : packs.writerId,
        expiresAt: now + config.uploads.keepMs,
      }
      requireOurs(await saveUpload.changes(tx, { id, lease, ...written }))
      const { folder_id: folderId } = this.row
      if (folderId !== null) await touchFolder.changes(tx, { id: folderId, expiresAt: written.expiresAt })
    })
    this.#reserved = reserved
    this.#savedOffset = this.#offset
    this.#savedAt = performance.now()
  }

  /** All bytes are here: makes the file, in the same write that says so, and gives its CID. Throws what keeping it does, and what is wrong with a CAR. */
  async finish(): Promise<string> {
    if (this.row.folder_id !== null) return this.#finishPart(this.row.folder_id)
    const { id, lease, account_id: accountId } = this.row
    const { clock, config } = this.#services
    const { link } = this.#holder
    const isDirty = this.row.is_dirty === 1
    const content = await contentOfUpload(this.#writer, await this.#file.finish(), {
      choice: this.#choice,
      isDirty,
      judge: link?.judge,
    })
    if (this.#choice.isCar) requireCarAllowed(this.#holder, content)
    const { file } = await keepFile(this.#services, this.#holder, content, this.#choice, {
      id,
      hasBegun: true,
      claim: async (tx: Db) => {
        await lockAccountRoom(tx, accountId)
        await link?.claim(tx)
        const expiresAt = clock.now() + config.uploads.keepMs
        const cid = formatCid(content.root)
        requireOurs(await markUploadDone.changes(tx, { id, lease, cid, length: this.#offset, expiresAt }))
      },
    })
    return file.cid
  }

  /** All bytes of a file of a folder are here: the folder has it. */
  async #finishPart(folderId: string): Promise<string> {
    const { id, lease, number } = this.row
    const { clock, config } = this.#services
    const node = await this.#file.finish()
    const { filename = '', contentType } = this.#choice
    const judge = judgeEntriesOf(this.#holder)
    await judge?.({ path: filename.split('/'), contentType, sample: await sampleOf(this.#writer, node) })
    const cid = formatCid(node.cid)
    await this.#writer.save(async (tx) => {
      const expiresAt = clock.now() + config.uploads.keepMs
      requireOurs(await touchFolder.changes(tx, { id: folderId, expiresAt }))
      requireOurs(await markUploadDone.changes(tx, { id, lease, cid, length: this.#offset, expiresAt }))
      await setUploadFileNode(tx, { id: folderId, number: number ?? -1, node: writeNodeText(node) })
    })
    return cid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer[Symbol.asyncDispose]()
  }

  async #saveAfter(wait: Promise<void> | void): Promise<void> {
    await wait
    await this.save({ isLast: false })
  }
}

function requireOurs(changes: number): void {
  if (changes === 0) throw new AppError('conflict', 'Another request went on with this upload meanwhile, or ended it.')
}
