import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { BlobReader } from '../blobs/blob-store.ts'
import { errnoOf, systemFileOps } from '../blobs/file-ops.ts'
import type { Services } from '../services.ts'
import { advanceSequence } from './ledger-queries.ts'

const Mark = z.object({ installationId: z.string(), sequence: z.int() })

/** Which database last wrote to these packs, and how far it had come. */
export type Mark = z.infer<typeof Mark>

interface MarkServices {
  readonly db: Services['db']
  readonly installation: Pick<Services['installation'], 'id'>
  readonly packs: Pick<BlobReader, 'list'> & { readonly writerId?: string }
}

/** How often it is looked whether there was a write, and how often the mark is written at most. */
const lookMs = 250
const restMs = 1000

/** The mark beside the packs of `dir`; undefined when there is none. Throws when it cannot be read. */
export async function findMark(dir: string): Promise<Mark | undefined> {
  try {
    return Mark.parse(JSON.parse(await readFile(markPath(dir), 'utf8')))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw new Error(`The file ${markPath(dir)} cannot be read`, { cause: error })
  }
}

/** Advances the database by one step and then has the packs know, so that the mark is never ahead of its database. */
export async function writeMark({ db, installation, packs }: MarkServices, dir: string): Promise<void> {
  const sequence = await db.write(advanceSequence)
  await placeMark(dir, { installationId: installation.id, sequence }, packs.writerId)
}

/** Writes a mark whose database has come that far. */
export async function placeMark(dir: string, mark: Mark, writerId = 'admin'): Promise<void> {
  // Of each process its own, or one would move the other's away. The later mark stays, which is not always the higher.
  const draft = `${markPath(dir)}.${writerId}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(JSON.stringify(mark))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, markPath(dir))
  await systemFileOps.syncDirectory(dir)
}

/** Removes what writers that are gone had not finished of a mark, or left of a trial whether packs can be written. */
export async function removeDrafts(dir: string, isGone: (writerId: string) => boolean): Promise<void> {
  const prefix = basename(markPath(dir))
  for (const name of await readdir(dir)) {
    const [, writer] = (name.startsWith(prefix) ? /\.([^.]+)\.new$/ : /^([^.]+)\.trial$/).exec(name) ?? []
    if (writer !== undefined && isGone(writer)) await rm(join(dir, name), { force: true })
  }
}

/** Begins to mark the packs after writes to the database, at most once a second, until it is closed. */
export function openLedgerMark(
  services: MarkServices & Pick<Services, 'log'>,
  options: { readonly dir: string },
): LedgerMark {
  return new LedgerMark(services, options.dir)
}

/** Has the packs know how far the database has come, so that an older database beside them is noticed at the next start. */
export class LedgerMark {
  readonly #services: MarkServices & Pick<Services, 'log'>
  readonly #dir: string
  readonly #timer: NodeJS.Timeout
  #seenCommits: number
  #restUntil = 0
  #writing: Promise<void> | undefined

  constructor(services: MarkServices & Pick<Services, 'log'>, dir: string) {
    this.#services = services
    this.#dir = dir
    this.#seenCommits = services.db.commits
    this.#timer = setInterval(() => this.#look(), lookMs).unref()
  }

  /** Marks what was written last, as far as that can be written. To be closed before the database. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#writing
    if (this.#isBehind()) await this.#writeOrSay()
  }

  #look(): void {
    if (this.#writing !== undefined || performance.now() < this.#restUntil || !this.#isBehind()) return
    this.#writing = this.#writeOrSay().finally(() => {
      this.#writing = undefined
      this.#restUntil = performance.now() + restMs
    })
  }

  /** A mark that cannot be written (a full disk) is as old as after a crash: nothing is lost by that. */
  async #writeOrSay(): Promise<void> {
    try {
      await this.#write()
    } catch (error) {
      this.#services.log.warn({ err: error }, 'the mark beside the packs could not be written')
    }
  }

  #isBehind(): boolean {
    return this.#services.db.commits !== this.#seenCommits
  }

  async #write(): Promise<void> {
    const before = this.#services.db.commits
    await writeMark(this.#services, this.#dir)
    // The mark's own commit; what came beside it is marked the next time.
    this.#seenCommits = before + 1
  }
}

function markPath(dir: string): string {
  return join(dir, 'ledger-mark.json')
}
