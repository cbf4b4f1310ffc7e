import type { Services } from '../services.ts'
import { sealAudit } from './audit-chain.ts'
import { findHash, findHead, type Head } from './audit-chain-queries.ts'
import { readHead, writeHead } from './audit-head.ts'

/** How often it is looked whether lines wait: bounds how long only the memory of a process vouches for a line. */
const lookMs = 1_000

type Needed = Pick<Services, 'db' | 'auditWitness' | 'log' | 'clock' | 'signingKeys' | 'installation' | 'config'>

/** Begins to seal the audit log once a second, until it is closed. */
export function openAuditSealer(services: Needed): AuditSealer {
  return new AuditSealer(services)
}

/** Chains lines of the audit log soon after they were written, and signs where the chain ends. */
export class AuditSealer {
  readonly #services: Needed
  readonly #timer: NodeJS.Timeout
  /** How far the chain was when this process looked last; that far it was signed. */
  #known: Head = { number: 0, hash: '' }
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
    const { db } = this.#services
    await sealAudit(this.#services)
    const head = await findHead(db.read)
    if (head.number === this.#known.number && head.hash === this.#known.hash) return
    if (this.#known.number > 0 && (await findHash(db.read, this.#known.number)) !== this.#known.hash) {
      // The chain does not go on from where it was. What is signed says so already, or does so now.
      if (await this.#isOlder(this.#known)) await writeHead(this.#services, this.#known)
      return
    }
    if (await this.#mayReplace(head)) await writeHead(this.#services, head)
    this.#known = head
  }

  /** Is what is signed a head of before this one? Another process may have been quicker. */
  async #isOlder({ number }: Head): Promise<boolean> {
    const signed = await readHead(this.#services)
    return signed === undefined || (signed !== 'forged' && signed.number < number)
  }

  /** A head that this chain does not contain is evidence, and stays until somebody has looked. */
  async #mayReplace(head: Head): Promise<boolean> {
    const signed = await readHead(this.#services)
    if (signed === undefined) return true
    if (signed === 'forged') return false
    const known = signed.number === 0 ? '' : await findHash(this.#services.db.read, signed.number)
    return known === signed.hash && signed.number < head.number
  }
}
