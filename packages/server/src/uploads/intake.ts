import { readUploadPath } from '../ipfs/upload-path.ts'
import { sniffBytes } from '../lib/content-type.ts'
import { AppError } from '../lib/errors.ts'
import type { BlockWriter } from '../pins/block-writer.ts'
import { CarImport } from './car-import.ts'
import type { Sample } from './detect-type.ts'
import { type FileTaker, FolderImport } from './folder-import.ts'
import { judgeAtEnd, type JudgeEntry } from './judge-entries.ts'
import type { Form } from './upload-choice.ts'

/** An upload up to this size is held until everything about it is known, so that it is never cut twice. */
const maxHeldBytes = 1024 * 1024
/** What a held file costs beside its bytes. */
const heldFileBytes = 200

/** A file as the client announces it. */
export interface AnnouncedFile {
  readonly filename: string
  readonly contentType: string | undefined
}

/** A file that waits in memory. */
interface HeldFile {
  readonly path: readonly string[]
  readonly pieces: Uint8Array[]
}

/** Where bytes flow once it was decided, or assumed, what they are to become. */
export type Flow = { readonly writer: BlockWriter } & (
  | { readonly kind: 'files'; readonly files: FolderImport }
  | { readonly kind: 'car'; readonly car: CarImport }
)

/** What an intake works with. */
export interface IntakeOptions {
  /** What holds as long as nothing else is said. */
  readonly assumed: Form
  /** Called once, when bytes begin to flow. May throw, to refuse them. */
  readonly open: (form: Form) => BlockWriter
  /** Asked before bytes are taken; a promise means: wait. */
  readonly takeRoom: (bytes: number) => Promise<void> | void
  readonly signal: AbortSignal | undefined
  /** Asked about each file of a folder. */
  readonly judgeEntry?: JudgeEntry | undefined
}

/**
 * Takes the files of one upload while they come in, and turns them into blocks. What they are to become may be said
 * after them: small uploads wait for it, large ones go on with what is assumed.
 */
export class Intake {
  readonly #open: IntakeOptions['open']
  readonly #takeRoom: IntakeOptions['takeRoom']
  readonly #signal: AbortSignal | undefined
  readonly #judgeEntry: JudgeEntry | undefined
  #form: Form
  #held: HeldFile[] | undefined = []
  #heldBytes = 0
  #flow: Flow | undefined
  #first: { path: readonly string[]; contentType: string | undefined } | undefined
  #count = 0
  readonly #sample: Uint8Array[] = []
  #sampledBytes = 0
  #contentBytes = 0

  constructor({ assumed, open, takeRoom, signal, judgeEntry }: IntakeOptions) {
    this.#form = assumed
    this.#open = open
    this.#takeRoom = takeRoom
    this.#signal = signal
    this.#judgeEntry = judgeEntry
  }

  /** Says earlier than at the end what the bytes are to become. Too late when they flow already. */
  suppose(form: Partial<Form>): void {
    this.#form = { ...this.#form, ...form }
  }

  /** Begins a file; one at a time. Throws `invalid_path`, and the 400 for what is more than one file or folder. */
  openFile({ filename, contentType }: AnnouncedFile): FileTaker {
    const path = readUploadPath(filename)
    this.#first ??= { path, contentType }
    requireOneTop(this.#first.path, path, ++this.#count)
    const isFirst = this.#count === 1
    let taker = this.#flow === undefined ? this.#hold(path) : this.#openIn(this.#flow, path)
    const write = (piece: Uint8Array): Promise<void> | void => {
      this.#contentBytes += piece.length
      if (isFirst) this.#keepSample(piece)
      const held = this.#held
      if (held === undefined) return taker.write(piece)
      this.#heldBytes += piece.length
      if (this.#heldBytes <= maxHeldBytes) return taker.write(piece)
      const flow = this.#startFlow()
      return this.#replay(flow, held).then((last) => (taker = last).write(piece))
    }
    const whole: FileTaker = {
      write: (piece) => {
        const wait = this.#takeRoom(piece.length)
        return wait === undefined ? write(piece) : wait.then(() => write(piece))
      },
      end: () => {
        const held = this.#held
        // Many empty files take room too.
        if (held === undefined || this.#heldBytes <= maxHeldBytes) return taker.end()
        return this.#replay(this.#startFlow(), held).then((last) => last.end())
      },
    }
    const judge = this.#judgeEntry
    return judge === undefined || path.length === 1 ? whole : judgeAtEnd(whole, { path, contentType }, judge)
  }

  /** All files are there. What came in as `form`, or as what was assumed when that came too late. */
  async end(form: Form): Promise<Flow> {
    if (this.#flow !== undefined) return this.#flow
    this.suppose(form)
    const held = this.#held ?? []
    const flow = this.#startFlow()
    const last = await this.#replay(flow, held)
    await last.end()
    return flow
  }

  /** Path and announced type of the first file, and how many there were. Throws when there was none. */
  get announced(): {
    readonly path: readonly string[]
    readonly contentType: string | undefined
    readonly count: number
  } {
    if (this.#first !== undefined) return { ...this.#first, count: this.#count }
    throw noFile()
  }

  /** The first bytes of the first file. */
  get sample(): Sample {
    return { bytes: Buffer.concat(this.#sample), isWhole: this.#contentBytes <= this.#sampledBytes }
  }

  #hold(path: readonly string[]): FileTaker {
    const file: HeldFile = { path, pieces: [] }
    this.#held?.push(file)
    this.#heldBytes += heldFileBytes
    return { write: (piece) => void file.pieces.push(piece), end() {} }
  }

  #startFlow(): Flow {
    const { isCar, layout } = this.#form
    const writer = this.#open(this.#form)
    this.#held = undefined
    this.#flow = isCar
      ? { kind: 'car', writer, car: new CarImport(writer, this.#signal) }
      : { kind: 'files', writer, files: new FolderImport(writer, layout) }
    return this.#flow
  }

  /** Sends what was held on its way. Gives back the taker of the last file, which is not ended. */
  async #replay(flow: Flow, held: readonly HeldFile[]): Promise<FileTaker> {
    let last: FileTaker | undefined
    for (const { path, pieces } of held) {
      await last?.end()
      last = this.#openIn(flow, path)
      for (const piece of pieces) {
        const wait = last.write(piece)
        if (wait !== undefined) await wait
      }
    }
    if (last === undefined) throw noFile()
    return last
  }

  #openIn(flow: Flow, path: readonly string[]): FileTaker {
    if (flow.kind === 'files') return flow.files.openFile(path)
    requireOneCar(path, this.#count)
    return flow.car
  }

  #keepSample(piece: Uint8Array): void {
    if (this.#sampledBytes >= sniffBytes) return
    const part = piece.slice(0, sniffBytes - this.#sampledBytes) // a copy: the piece is large
    this.#sample.push(part)
    this.#sampledBytes += part.length
  }
}

/** Throws unless the upload is one CAR. */
export function requireOneCar(path: readonly string[], count: number): void {
  if (path.length > 1 || count > 1) {
    throw new AppError('invalid_request', 'With car=true the form holds one file, the CAR, and no folder')
  }
}

function noFile(): AppError {
  return new AppError('invalid_request', 'Invalid request format.', {
    facts: { legacyText: true, why: 'the form has no part called file' },
  })
}

function requireOneTop(first: readonly string[], path: readonly string[], count: number): void {
  if (count === 1 || (first[0] === path[0] && (first.length > 1 || path.length > 1))) return
  throw new AppError(
    'invalid_request',
    'More than one file and/or directory was provided for pinning.', // the words of Pinata
    { facts: { legacyText: true } },
  )
}
