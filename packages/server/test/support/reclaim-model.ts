import type { Cid } from '../../src/ipfs/cid.ts'
import { multihashKey } from '../../src/ipfs/multihash-key.ts'
import { MultihashTable } from '../../src/ipfs/multihash-table.ts'
import { AppError } from '../../src/lib/errors.ts'
import { type BlockWriter, openBlockWriter } from '../../src/pins/block-writer.ts'
import { publishPin, retainPin } from '../../src/pins/publish-pin.ts'
import { publicBlocks } from '../../src/pins/read-blocks.ts'
import { openReclaimer, type Reclaimer } from '../../src/pins/reclaimer.ts'
import { releaseHolder } from '../../src/pins/release-pin.ts'
import type { OpenLedger } from './ledger.ts'
import { blocksOfSet, modelBlocks, numbersFrom, rootOf } from './model-blocks.ts'

/** How the model goes. */
export interface ModelRun {
  /** The same steps at every run, as far as what goes on at once lets them. */
  readonly seed: string
  readonly steps: number
  /** Runs beside the steps, as the server's own does; left out: the server's. */
  readonly reclaimer?: Pick<Reclaimer, 'reclaimNow' | 'close'>
}

/** What was done. */
export interface ModelReport {
  readonly uploads: number
  readonly imports: number
  readonly pins: number
  readonly releases: number
  /** Pins that lost their last holder. */
  readonly ends: number
  readonly reclaims: number
  readonly sections: number
}

const atOnce = 8
/** Of the forty pins that there can be, so many are held: with more of them no block would ever die. */
const heldPins = 20
const blocks = modelBlocks

/** A block that somebody relies on cannot be read. */
class LiveBlockLost extends Error {
  override readonly name = 'LiveBlockLost'
}

/**
 * Uploads, imports, pins by CID, re-uploads and releases of pins over shared blocks, with reclaim beside them all the time
 * (F77). Throws `LiveBlockLost` when a block of a held pin cannot be read, or when what is left at the end is not exactly
 * what is held.
 */
export async function runReclaimModel(ledger: OpenLedger, run: ModelRun): Promise<ModelReport> {
  const model = new Model(ledger, run.seed)
  const reclaimer = run.reclaimer ?? openReclaimer(ledger, { minDeadBytes: 0, liveShare: 0.8 })
  const { number } = model
  let reclaims = 0
  let reclaiming: Promise<unknown> = Promise.resolve()
  try {
    for (let step = 0; step < run.steps; step += atOnce) {
      // Several at once, so that they interleave.
      await Promise.all(Array.from({ length: atOnce }, () => model.step()))
      if (step % 40 === 0) {
        const everything = number(4) === 0
        reclaims++
        reclaiming = reclaiming.then(() => reclaimer.reclaimNow({ everything }))
        // What it throws is met at the end; meanwhile it is nobody's.
        reclaiming.catch(() => undefined)
      }
      if (step % 400 === 0) await model.requireAllLive()
    }
    await model.endAll()
    await reclaiming
    await model.requireAllLive()
  } finally {
    await model.dispose()
    await reclaimer.close()
  }
  const thorough = openReclaimer(ledger, { minDeadBytes: 0, liveShare: 1 })
  await thorough.reclaimNow({ everything: true })
  await thorough.close()
  await model.requireAllLive()
  return { ...model.done, reclaims, sections: await model.requireNothingElse() }
}

interface HeldPin {
  holders: number
  readonly root: Cid
  readonly blocks: readonly number[]
}

class Model {
  readonly number: (limit: number) => number
  readonly done = { uploads: 0, imports: 0, pins: 0, releases: 0, ends: 0 }
  readonly #ledger: OpenLedger
  /** Holders by pin, and what each pin is made of. */
  readonly #held = new Map<string, HeldPin>()
  /** Uploads whose blocks are stored and not published. */
  readonly #underWay: { writer: BlockWriter; root: Cid; blocks: readonly number[]; given: readonly number[] }[] = []

  constructor(ledger: OpenLedger, seed: string) {
    this.#ledger = ledger
    this.number = numbersFrom(seed)
  }

  step(): Promise<void> {
    const dice = this.number(100)
    if (dice < 30 && this.#underWay.length < 30) return this.#begin()
    if (dice < 62) return this.#end()
    return dice < (this.#held.size < heldPins ? 72 : 66) ? this.#pinByCid() : this.#release()
  }

  async endAll(): Promise<void> {
    while (this.#underWay.length > 0) await this.#end()
  }

  async dispose(): Promise<void> {
    for (const { writer } of this.#underWay.splice(0)) await writer[Symbol.asyncDispose]()
  }

  /** Throws unless every block of every held pin is there, byte for byte. */
  async requireAllLive(): Promise<void> {
    const shown = publicBlocks(this.#ledger)
    for (const index of this.#live()) {
      const { multihash, bytes } = blocks[index]! // indexes are below the length
      const read = await shown.get(multihash)
      if (read === undefined || !Buffer.from(bytes[0]!).equals(read)) throw new LiveBlockLost(`block ${index} is lost`) // blocks of one piece
    }
  }

  /** Throws unless index and packs hold the live blocks, each once, and nothing else. How many there are. */
  async requireNothingElse(): Promise<number> {
    const { db, packs } = this.#ledger
    const live = new Set([...this.#live()].map((index) => multihashKey(blocks[index]!.multihash))) // as above
    const rows = await db.read.selectFrom('blocks').select('multihash').execute()
    const known = rows.map(({ multihash }) => multihashKey(multihash))
    if (known.length !== live.size || known.some((key) => !live.has(key)))
      throw new LiveBlockLost(`${live.size} blocks are live, the index has ${known.length}`)
    let sections = 0
    for (const { pack } of await packs.list()) {
      for await (const { cid } of packs.scan(pack)) {
        if (!live.has(multihashKey(cid.subarray(-34)))) throw new LiveBlockLost('a dead block was left in a pack')
        sections++
      }
    }
    if (sections !== live.size) throw new LiveBlockLost(`${live.size} blocks are live, ${sections} lie in packs`)
    return sections
  }

  #live(): Set<number> {
    return new Set([...this.#held.values()].flatMap((pin) => pin.blocks))
  }

  /** An upload; or an import, which brings a part of the DAG and builds on blocks that the account has. */
  async #begin(): Promise<void> {
    const set = this.number(40)
    const indexes = blocksOfSet(set)
    const live = this.#live()
    const isImport = this.number(4) === 0
    const given = isImport ? indexes.filter((index) => !live.has(index) || this.number(2) === 0) : indexes
    const writer = openBlockWriter(this.#ledger, { accountId: 'a', maxBlocksInMemory: 2 + this.number(12) })
    for (const index of given) await writer.put(blocks[index]!) // indexes are below the length
    const last = given.at(-1)
    // Has what was gathered stored now.
    if (last !== undefined) await writer.get(blocks[last]!.multihash) // as above
    this.#underWay.push({ writer, root: rootOf(set), blocks: indexes, given })
  }

  async #end(): Promise<void> {
    const [upload] = this.#underWay.splice(this.number(Math.max(1, this.#underWay.length)), 1)
    if (upload === undefined) return
    await using writer = upload.writer
    if (this.number(10) === 0) return
    const isImport = upload.given.length < upload.blocks.length
    const reached = new MultihashTable()
    for (const index of upload.blocks) reached.add(blocks[index]!.multihash) // indexes are below the length
    const written = await writer
      .finish({ network: 'public', ...(isImport ? { reached } : {}) })
      .catch((error: unknown) => {
        // What the import builds on was deleted meanwhile.
        if (isImport && error instanceof AppError && error.code === 'incomplete_dag') return undefined
        throw error
      })
    if (written === undefined) return
    const about = { sizeBytes: 1, numberOfFiles: 1, mimeType: '', createdAt: 1, newId: this.#ledger.newId }
    const pin = { root: upload.root, network: 'public', written, ...about } as const
    const { pinId } = await this.#ledger.db.write((tx) => publishPin(tx, pin))
    this.done[isImport ? 'imports' : 'uploads']++
    this.#hold(pinId, upload)
  }

  /** Another holder of a root that may be pinned already. */
  async #pinByCid(): Promise<void> {
    const set = this.number(40)
    const root = rootOf(set)
    const pin = await this.#ledger.db.write((tx) => retainPin(tx, { root, network: 'public' }))
    if (pin === undefined) return
    this.done.pins++
    this.#hold(pin.pinId, { root, blocks: blocksOfSet(set) })
  }

  async #release(): Promise<void> {
    const [pinId, pin] = [...this.#held][this.number(Math.max(1, this.#held.size))] ?? []
    if (pinId === undefined || pin === undefined) return
    if (--pin.holders === 0) {
      this.#held.delete(pinId)
      this.done.ends++
    }
    this.done.releases++
    await this.#ledger.db.write((tx) => releaseHolder(tx, pinId))
  }

  #hold(pinId: string, { root, blocks }: { root: Cid; blocks: readonly number[] }): void {
    const known = this.#held.get(pinId)
    if (known === undefined) this.#held.set(pinId, { holders: 1, root, blocks })
    else known.holders++
  }
}
