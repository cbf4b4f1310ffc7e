import type { Logger } from '../lib/log.ts'
import { listDamage } from './damage-queries.ts'
import { type DamageServices, recordDamage } from './record-damage.ts'

/** How often it is looked whether reads met damage. */
const lookMs = 1_000
/** Blocks that are known from the start to be damaged, so that who sends one again has it stored again. */
const maxRemembered = 10_000

/** Begins to keep what reads of this process find damaged, until it is closed. */
export async function openDamageWatch(services: DamageServices & { readonly log: Logger }): Promise<DamageWatch> {
  const { db, verifiedBlocks } = services
  for (const { multihash } of await listDamage(db.read, maxRemembered)) verifiedBlocks.markDamaged(multihash)
  verifiedBlocks.takeFound()
  return new DamageWatch(services)
}

/** Keeps damage that reads have met, beside them: a reader waits for nothing but its bytes. */
export class DamageWatch {
  readonly #services: DamageServices
  readonly #timer: NodeJS.Timeout
  #recording: Promise<void> = Promise.resolve()
  #isRecording = false

  constructor(services: DamageServices) {
    this.#services = services
    this.#timer = setInterval(() => void this.look(), lookMs).unref()
  }

  /** Resolves when everything that was met so far is kept. */
  look(): Promise<void> {
    if (!this.#isRecording) {
      this.#isRecording = true
      this.#recording = this.#record().finally(() => (this.#isRecording = false))
    }
    return this.#recording
  }

  /** To be closed before the database. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#recording
  }

  async #record(): Promise<void> {
    for (const multihash of this.#services.verifiedBlocks.takeFound()) {
      try {
        await recordDamage(this.#services, { multihash, foundBy: 'read' })
      } catch (error) {
        // The next read, or the scrub, will meet it again.
        this.#services.log.warn({ err: error }, 'damage that a read met could not be kept')
      }
    }
  }
}
