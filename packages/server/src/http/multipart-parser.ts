import { AppError } from '../lib/errors.ts'
import { malformedForm, type PartHead, readPartHead } from './part-head.ts'

/** Takes the bytes of one part. A promise is back-pressure; the pieces belong to the taker. */
export interface PartSink {
  write(piece: Buffer): Promise<void> | void
  /** The part is whole. */
  end(): Promise<void> | void
}

/** Says where the bytes of a part go, or refuses it by throwing. */
export type OnPart = (head: PartHead) => PartSink | Promise<PartSink>

/** Headers of one part at most; bounds on names are far below. */
const maxHeadBytes = 16 * 1024
/** Bytes that may stand before the first part and after the last; nobody looks at them. */
const maxAroundBytes = 64 * 1024
/** Spaces that mail programs put behind a delimiter. */
const maxPaddingBytes = 128

type State = 'before' | 'delimiter' | 'head' | 'body' | 'after'

/**
 * Cuts a form into its parts as it comes in (RFC 2046 section 5.1, RFC 7578), without copying what is in them. One
 * write at a time: when `write` returns a promise, await it first. Throws the 400 of a form that cannot be read.
 */
export class MultipartParser {
  readonly #delimiter: Buffer
  readonly #maxParts: number
  readonly #onPart: OnPart
  #state: State = 'before'
  /** What the last write left undecided: the beginning of a delimiter, of its line, or of a head. */
  #carry: Buffer | undefined = crlf // so that the first delimiter needs no line break before it
  #sink: PartSink = nowhere
  #parts = 0
  #aroundBytes = 0

  constructor(boundary: string, maxParts: number, onPart: OnPart) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
    this.#maxParts = maxParts
    this.#onPart = onPart
  }

  /** Takes the next bytes of the body. */
  write(chunk: Buffer): Promise<void> | void {
    const carry = this.#carry
    this.#carry = undefined
    return this.#read(carry === undefined ? chunk : Buffer.concat([carry, chunk]), 0)
  }

  /** The body has ended. Throws when the form has not. */
  end(): void {
    if (this.#state !== 'after') throw malformedForm('the form ends before its last boundary')
  }

  #read(bytes: Buffer, from: number): Promise<void> | void {
    let at = from
    while (at < bytes.length) {
      const before = at
      let wait: Promise<void> | void = undefined
      switch (this.#state) {
        case 'before':
        case 'body': {
          const found = bytes.indexOf(this.#delimiter, at)
          const end = found === -1 ? this.#startOfDelimiter(bytes, at) : found
          at = found === -1 ? end : found + this.#delimiter.length
          wait = this.#take(bytes, before, end, found !== -1)
          break
        }
        case 'delimiter':
          at = this.#readDelimiterLine(bytes, at)
          break
        case 'head': {
          const end = bytes.indexOf(headEnd, at)
          if ((end === -1 ? bytes.length : end) - at > maxHeadBytes)
            throw malformedForm('the head of a part is too long')
          if (isLineBreak(bytes, at)) throw malformedForm('a part has no headers')
          if (end === -1) break
          at = end + headEnd.length
          wait = this.#open(readPartHead(bytes.subarray(before, end)))
          break
        }
        case 'after':
          this.#passAround(bytes.length - at)
          return
      }
      if (wait !== undefined) return this.#readAfter(wait, bytes, at)
      if (at === before) break
    }
    if (at < bytes.length) this.#carry = Buffer.from(bytes.subarray(at)) // a copy, or it would keep all of `bytes`
  }

  async #readAfter(wait: Promise<void>, bytes: Buffer, at: number): Promise<void> {
    await wait
    await this.#read(bytes, at)
  }

  /** Hands on what is surely content; ends the part when its delimiter was found. */
  #take(bytes: Buffer, from: number, end: number, isEnd: boolean): Promise<void> | void {
    if (this.#state === 'before') this.#passAround(end - from)
    const sink = this.#sink
    if (isEnd) this.#state = 'delimiter'
    const wait = end > from ? sink.write(bytes.subarray(from, end)) : undefined
    if (!isEnd) return wait
    this.#sink = nowhere
    return wait instanceof Promise ? wait.then(() => sink.end()) : sink.end()
  }

  #open(head: PartHead): Promise<void> | void {
    if (++this.#parts > this.#maxParts) {
      throw new AppError('too_large', `The form has more than ${this.#maxParts} parts.`)
    }
    this.#state = 'body'
    const sink = this.#onPart(head)
    if (!(sink instanceof Promise)) this.#sink = sink
    else return sink.then((opened) => void (this.#sink = opened))
  }

  /** Where the bytes may begin to be a delimiter that goes on in the next write; their end when they do not. */
  #startOfDelimiter(bytes: Buffer, from: number): number {
    // A boundary holds no line break, so only the last one can begin it.
    const start = bytes.lastIndexOf(carriageReturn)
    const length = bytes.length - start
    if (start < from || length >= this.#delimiter.length) return bytes.length
    return bytes.compare(this.#delimiter, 0, length, start) === 0 ? start : bytes.length
  }

  /** Reads what follows a boundary on its line: `--` after the last. Returns where it was while that is undecided. */
  #readDelimiterLine(bytes: Buffer, from: number): number {
    if (bytes.length - from < 2) return from
    if (bytes[from] === dash && bytes[from + 1] === dash) {
      this.#state = 'after'
      return from + 2
    }
    let at = from
    while (bytes[at] === space || bytes[at] === tab) at++
    if (at - from > maxPaddingBytes) throw malformedForm('a boundary is followed by too many spaces')
    if (bytes.length - at < 2) return from
    if (!isLineBreak(bytes, at)) throw malformedForm('a boundary is followed by something else')
    this.#state = 'head'
    return at + crlf.length
  }

  #passAround(count: number): void {
    this.#aroundBytes += count
    if (this.#aroundBytes > maxAroundBytes) throw malformedForm('there is much before or after the parts')
  }
}

const crlf = Buffer.from('\r\n')
const headEnd = Buffer.from('\r\n\r\n')
const carriageReturn = 0x0d
const lineFeed = 0x0a
const dash = 0x2d
const space = 0x20
const tab = 0x09

function isLineBreak(bytes: Buffer, at: number): boolean {
  return bytes[at] === carriageReturn && bytes[at + 1] === lineFeed
}

const nowhere: PartSink = {
  write() {},
  end() {},
}
