import type { Services } from '../services.ts'
import { sealAudit } from './audit-chain.ts'
import { findHash, findHead, type Head } from './audit-chain-queries.ts'
import { readHead, writeHead } from './audit-head.ts'

/** How often it is looked whether lines wait: bounds how long a line can be taken away without a trace. */
const lookMs = 1_000

type Needed = Pick<Services, 'db' | 'log' | 'clock' | 'signingKeys' | 'installation' | 'config'>

/** Begins to seal the audit log once a second, until it is closed. */
export function openAuditSealer(services: Needed): AuditSealer {
  return new AuditSealer(services)
}

/** Chains lines of the audit log soon after they were written, and signs where the chain ends. */
export class AuditSealer {
  readonly #services: Needed
  readonly #timer: NodeJS.Timeout
  /** What this process signed last, or saw that it is signed. */
  #signed = 0
  #sealing: Promise<void> | undefined
  #isFailing = false

  constructor(services: Needed) {
    this.#services = services
    this.#timer = setInterval(() => void this.#look(), lookMs).unref()
  }

  /** Seals what waits now. Rejects when the database or the data directory cannot be written. */
  seal(): Promise<void> {
    this.#sealing ??= this.#seal().finally(() => (this.#sealing = undefined))
    return this.#sealing
  }

  /** Seals what is left, as far as that can be written. To be closed before the database. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#look()
  }

  async #look(): Promise<void> {
    try {
      await this.seal()
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing)
        this.#services.log.warn({ err: error }, 'the audit log could not be sealed; it is tried again')
      this.#isFailing = true
    }
  }

  async #seal(): Promise<void> {
    await sealAudit(this.#services)
    const head = await findHead(this.#services.db.read)
    if (head.number === this.#signed) return
    if (await this.#mayReplace(head)) await writeHead(this.#services, head)
    this.#signed = head.number
  }

  /** A head that this chain does not contain is evidence, and stays until somebody has looked. */
  async #mayReplace({ number }: Head): Promise<boolean> {
    const signed = await readHead(this.#services)
    if (signed === undefined) return true
    if (signed === 'forged') return false
    if ((await findHash(this.#services.db.read, signed.number)) !== signed.hash) return false
    // Another process may have been quicker.
    return signed.number < number
  }
}
