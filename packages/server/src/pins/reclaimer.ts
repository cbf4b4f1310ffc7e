import type { Writers } from '../blobs/writers.ts'
import { writerOf } from '../blobs/pack-names.ts'
import type { KernelLock } from '../lib/kernel-lock.ts'
import { type CompactServices, measureLive, moveBlocksOut, removeEmptyPack } from './compact-pack.ts'
import { type Others, Pace, restFully } from './pace.ts'
import { collectBlocks, collectPins, type Collected } from './collect-pins.ts'
import { addDeadBytes, listDied, listPacks } from './block-queries.ts'
import type { PinEnds } from './pin-ends.ts'

interface ReclaimerOptions {
  /** How often it looks for work. */
  readonly everyMs?: number
  /** How long no further pin must have ended for a pass to begin before that: many that end one after another share it. */
  readonly quietMs?: number
  /** A pack with a smaller part of live bytes than this is compacted. */
  readonly liveShare?: number
  /** The pack that is written to now is left alone until it has so many dead bytes. */
  readonly minDeadBytes?: number
  /** How often all packs are looked at, at most once a day; the first time within a minute of the start. */
  readonly surveyAfterMs?: number
  /** The part of the time that compaction has while uploads are always at work; between them it takes what there is. */
  readonly share?: number
  /** Rests end as soon as they are quiet, unless another process writes, too; left out: rests are never cut short. */
  readonly others?: Others
  /** Tells of pins that end in this process; left out: nobody does. */
  readonly pinEnds?: Pick<PinEnds, 'onEnd'>
  /** Who else appends to packs; left out: nobody that lives. */
  readonly writers?: Pick<Writers, 'living'>
  /** Taken for each pass, so that one process at a time reclaims; a pass that does not get it does nothing. */
  readonly takeLock?: () => KernelLock | undefined
}

/** A pack is looked at when about this part of it has died since the last time. */
const worthLooking = 0.05

/** For so long after an upload began or wrote something there are uploads. */
const uploadsMs = 1_000

/** What one pass did. */
export interface Reclaimed {
  pins: number
  blocks: number
  movedBlocks: number
  packs: number
  /** Bytes of files that were removed; what was moved has been written elsewhere. */
  removedBytes: number
}

interface Pack {
  readonly id: number | undefined
  readonly name: string
  readonly sizeBytes: number
  readonly current: boolean
}

interface Candidate extends Pack {
  readonly liveBytes: number
}

/** One pass. */
interface Pass {
  readonly pace: Pace
  /** All packs are looked at. */
  readonly everything: boolean
  /** Whose packs this process compacts: its own, which nobody else can know to be unused, and those of dead writers. */
  readonly isOurs: (writerId: string) => boolean
}

/** Begins to give the space of unpinned content back, by itself and in the background, until it is closed. */
export function openReclaimer(services: CompactServices, options: ReclaimerOptions = {}): Reclaimer {
  return new Reclaimer(services, options)
}

/**
 * Collects pins that nobody holds and compacts packs that are mostly dead, while everything else goes on. Of several
 * processes one at a time does; each compacts its own packs, any of them those of writers that died. Faults are logged,
 * and tried again at the next pass.
 */
export class Reclaimer {
  readonly #services: CompactServices
  readonly #options: Required<ReclaimerOptions>
  readonly #stop = new AbortController()
  readonly #timer: NodeJS.Timeout
  #soon: NodeJS.Timeout | undefined
  /** Bytes that died since a pack was looked at, by its name. */
  readonly #died = new Map<string, number>()
  /** Dead blocks that uploads held when they were looked at. */
  readonly #deferred = new Set<number>()
  /** Packs with damaged live blocks: they cannot be emptied. */
  readonly #damaged = new Set<string>()
  #surveyAt: number
  #pass: Promise<unknown> = Promise.resolve()
  #waiting = false
  #isWoken = false

  constructor(services: CompactServices, options: ReclaimerOptions) {
    const defaults = {
      writers: { living: () => new Set([services.packs.writerId]) },
      takeLock: () => ({ release: () => undefined }),
      pinEnds: { onEnd: () => undefined },
      others: restFully,
      everyMs: 2_000,
      quietMs: 250,
      liveShare: 0.5,
      minDeadBytes: 64 * 1024,
      surveyAfterMs: 86_400_000,
      share: 0.5,
    }
    this.#services = services
    this.#options = { ...defaults, ...options }
    this.#surveyAt = performance.now() + Math.min(60_000, this.#options.surveyAfterMs)
    this.#timer = setInterval(() => this.#tick(), this.#options.everyMs).unref()
    this.#options.pinEnds.onEnd(() => this.#wake())
  }

  /** One pass now, after the one that runs; with `everything` it looks at all packs. Throws what the pass does. */
  reclaimNow({ everything = false }: { everything?: boolean } = {}): Promise<Reclaimed> {
    const pass = this.#pass.then(() => this.#run({ everything, share: 1 }))
    this.#pass = pass.catch(() => undefined)
    return pass
  }

  /** Ends the pass that runs at the next good moment. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    clearTimeout(this.#soon)
    this.#stop.abort()
    await this.#pass
  }

  #wake(): void {
    clearTimeout(this.#soon)
    if (this.#stop.signal.aborted) return
    this.#soon = setTimeout(() => {
      if (this.#waiting) this.#isWoken = true
      else this.#tick()
    }, this.#options.quietMs).unref()
  }

  #tick(): void {
    if (this.#waiting) return
    this.#waiting = true
    const everything = performance.now() >= this.#surveyAt
    if (everything) this.#surveyAt = performance.now() + this.#options.surveyAfterMs
    this.#pass = this.#pass
      .then(() => this.#run({ everything, share: this.#options.share }))
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted)
          this.#services.log.warn({ err: error }, 'space could not be reclaimed; it will be tried again')
      })
      .finally(() => {
        this.#waiting = false
        // Pins ended while it ran, perhaps after it had looked for them.
        if (this.#isWoken) this.#wake()
        this.#isWoken = false
      })
  }

  async #run(how: { everything: boolean; share: number }): Promise<Reclaimed> {
    this.#stop.signal.throwIfAborted()
    const lock = this.#options.takeLock()
    const report: Reclaimed = { pins: 0, blocks: 0, movedBlocks: 0, packs: 0, removedBytes: 0 }
    if (lock === undefined) return report
    try {
      await this.#runAlone(how, report)
      return report
    } finally {
      lock.release()
    }
  }

  async #runAlone(how: { everything: boolean; share: number }, report: Reclaimed): Promise<void> {
    const { packs, blocksInFlight, log } = this.#services
    const { others, writers } = this.#options
    const living = writers.living()
    const isOurs = (writerId: string) => writerId === packs.writerId || !living.has(writerId)
    // What other processes serve is not known here, so they do all the time. When nobody uploads, nothing is gained by rests.
    const share = () => (living.size > 1 || blocksInFlight.usedWithin(uploadsMs) ? how.share : 1)
    const pace = new Pace({ share, others: living.size > 1 ? undefined : others, signal: this.#stop.signal })
    const pass: Pass = { everything: how.everything, isOurs, pace }
    const collected: Collected = { pins: 0, blocks: 0, freed: new Map(), deferred: this.#deferred }
    const tell = async () => {
      await this.#tellDied(collected.freed, isOurs)
      collected.freed.clear()
    }
    const collect = async () => {
      await collectPins(this.#services, collected, { pace, living })
      await tell()
    }
    await collect()
    const deferred = [...this.#deferred]
    this.#deferred.clear() // those still held come back
    await collectBlocks(this.#services, deferred, collected, pace)
    for (const [pack, bytes] of blocksInFlight.takeGarbage()) this.#addDied(pack, bytes)
    await tell()
    await this.#takeDied(isOurs)
    if (how.everything || this.#died.size > 0) {
      const candidates = await this.#findCandidates(collected, pass)
      // Those that give most for least first: on a full disk they make room for the others.
      for (const pack of candidates.sort((a, b) => a.liveBytes - b.liveBytes)) {
        await this.#orLater(pack, pace, async () => {
          // What was deleted while the one before was emptied is not copied.
          await collect()
          await this.#empty(pack, { report, pace })
        })
      }
    }
    Object.assign(report, { pins: collected.pins, blocks: collected.blocks })
    if (report.packs > 0) log.info(report, 'space was reclaimed')
  }

  /** Keeps what died in our own packs, and has the database tell the others of theirs. */
  async #tellDied(freed: ReadonlyMap<string, number>, isOurs: Pass['isOurs']): Promise<void> {
    const others = new Map<string, number>()
    for (const [pack, bytes] of freed) {
      if (isOurs(writerOf(pack))) this.#addDied(pack, bytes)
      else others.set(pack, bytes)
    }
    if (others.size > 0) await this.#services.db.write((tx) => addDeadBytes(tx, others))
  }

  /** Takes over what others saw die in packs that are ours. */
  async #takeDied(isOurs: Pass['isOurs']): Promise<void> {
    const { db } = this.#services
    const ours = (await listDied(db.read)).filter(({ writer_id }) => isOurs(writer_id))
    if (ours.length === 0) return
    await db.write((tx) => addDeadBytes(tx, new Map(ours.map(({ name, dead_bytes }) => [name, -dead_bytes]))))
    for (const { name, dead_bytes } of ours) this.#addDied(name, dead_bytes)
  }

  async #findCandidates(collected: Collected, pass: Pass): Promise<Candidate[]> {
    const { packs, db, blocksInFlight } = this.#services
    const ids = new Map((await listPacks(db.read)).map(({ id, name }) => [name, id]))
    const candidates: Candidate[] = []
    for (const { pack: name, sizeBytes, current, writerId } of await packs.list()) {
      pass.pace.signal.throwIfAborted()
      if (!pass.isOurs(writerId)) continue
      if (!pass.everything && (this.#died.get(name) ?? 0) < worthLooking * sizeBytes) continue
      if (this.#damaged.has(name) || (!current && blocksInFlight.isPackHeld(name))) continue
      const id = ids.get(name)
      // Packs of others that no row knows are the recovery's to judge.
      if (id === undefined && writerId !== packs.writerId) continue
      const pack = { name, sizeBytes, current, id }
      await this.#orLater(pack, pass.pace, async () => {
        const liveBytes = await this.#measure(pack, collected, pass.pace)
        if (liveBytes !== undefined) candidates.push({ ...pack, liveBytes })
      })
    }
    return candidates
  }

  /** A pack that makes trouble must not keep the others; it is looked at again at the next pass. */
  async #orLater({ name, sizeBytes }: Pack, pace: Pace, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      pace.signal.throwIfAborted()
      this.#addDied(name, sizeBytes)
      this.#services.log.warn({ pack: name, err: error }, 'a pack could not be compacted; it will be tried again')
    }
  }

  #addDied(pack: string, bytes: number): void {
    this.#died.set(pack, (this.#died.get(pack) ?? 0) + bytes)
  }

  /** The live bytes of a pack that is worth compacting. */
  async #measure(pack: Pack, collected: Collected, pace: Pace): Promise<number | undefined> {
    const { id, sizeBytes } = pack
    this.#died.delete(pack.name)
    const liveBytes =
      id === undefined ? 0 : await measureLive(this.#services, { ...pack, id }, { into: collected, pace })
    if (liveBytes > 0 && liveBytes >= this.#options.liveShare * sizeBytes) return undefined
    if (pack.current && sizeBytes - liveBytes < this.#options.minDeadBytes) return undefined
    return liveBytes
  }

  async #empty(pack: Candidate, { report, pace }: { report: Reclaimed; pace: Pace }): Promise<void> {
    const { blocksInFlight, packs } = this.#services
    const { name, sizeBytes } = pack
    if (pack.current) await packs.seal(name)
    // An append that was under way when the pack was sealed may have gone there.
    await blocksInFlight.appendsEnded()
    if (blocksInFlight.isPackHeld(name)) return this.#addDied(name, sizeBytes)
    // An upload that was published after the packs were listed made it known.
    const id = pack.id ?? (await listPacks(this.#services.db.read)).find((known) => known.name === name)?.id
    if (id === undefined) {
      await packs.remove(name, { between: (startedMs) => pace.rest(startedMs) })
    } else {
      const { liveBytes } = pack
      const { isEmpty, movedBlocks } = await moveBlocksOut(this.#services, { id, name, sizeBytes }, { pace, liveBytes })
      report.movedBlocks += movedBlocks
      if (!isEmpty) this.#damaged.add(name)
      if (!isEmpty || !(await removeEmptyPack(this.#services, { id, name, sizeBytes }, pace))) return
    }
    this.#died.delete(name)
    report.packs++
    report.removedBytes += sizeBytes
  }
}
