import type { IncomingMessage } from 'node:http'
import { AppError } from '../lib/errors.ts'
import { usedUp } from '../lib/collect-buffers.ts'
import type { DoorRequest } from './door.ts'
import { MultipartParser, type PartSink } from './multipart-parser.ts'
import { malformedForm, type PartHead } from './part-head.ts'

/** Parts of one form at most: files of a folder, and a few fields. */
const maxParts = 200_000
/** Fields of one form at most, and bytes of all of them together. */
const maxFields = 100
const maxFieldBytes = 1024 * 1024

/** A file of the form. */
export interface FilePart {
  /** As the client calls it, with its folders; nothing about it is checked. */
  readonly filename: string
  /** What the client believes it to be, in lower case and without parameters. */
  readonly contentType: string | undefined
}

/** What becomes of the parts of a form. Fields may come before, between and after the files. */
export interface FormHandlers {
  onField(name: string, value: string): void
  onFile(part: FilePart): PartSink | Promise<PartSink>
}

/**
 * Reads a multipart form while it comes in; nothing of a file is held here. The part called `file` is a file, every
 * other one a field. Throws 400 for a form that cannot be read or was cut off, 413 above `bodyBytes` or the bounds on
 * parts and fields, and whatever the handlers throw. The rest of the body is then still unread, so that the caller can
 * answer before it takes it.
 */
export async function readMultipart(
  { raw }: Pick<DoorRequest, 'raw'>,
  { bodyBytes }: { readonly bodyBytes: number },
  handlers: FormHandlers,
): Promise<void> {
  refuseCompressed(raw.headers['content-encoding'])
  const boundary = readBoundary(raw.headers['content-type'])
  const tooLarge = () =>
    new AppError('too_large', `The upload is larger than ${bodyBytes} bytes, the most in one request.`)
  if (Number(raw.headers['content-length'] ?? 0) > bodyBytes) throw tooLarge()
  const fields = new FieldReader(handlers)
  const parser = new MultipartParser(boundary, maxParts, (head) =>
    head.name === 'file' ? openFile(head, handlers) : fields.open(head),
  )
  let taken = 0
  await readPieces(raw, (piece) => {
    taken += piece.length
    usedUp(piece.length)
    if (taken > bodyBytes) throw tooLarge()
    return parser.write(piece)
  })
  parser.end()
}

/** Bytes of the body, when the client says so beforehand. */
export function contentLength({ raw }: Pick<DoorRequest, 'raw'>): number | undefined {
  const length = raw.headers['content-length']
  return length === undefined ? undefined : Number(length)
}

/**
 * Gives the pieces of a body to `take`, one at a time, without copying them (the async iterator of a stream joins what
 * has gathered). Throws what `take` throws; the stream then stands still and is whole, so that the caller can answer
 * before the rest is taken.
 */
function readPieces(raw: IncomingMessage, take: (piece: Buffer) => Promise<void> | void): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      raw.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      raw.pause()
    }
    let wait: Promise<void> | void
    const onData = (piece: Buffer) => {
      try {
        wait = take(piece)
      } catch (error) {
        return refuse(error)
      }
      if (wait === undefined) return
      raw.pause()
      wait.then(() => raw.resume(), refuse)
    }
    const refuse = (error: unknown) => {
      leave()
      reject(error instanceof Error ? error : new Error('A part was refused', { cause: error }))
    }
    const onEnd = () => {
      leave()
      resolve(wait)
    }
    // Cut off by the client, or by us because it came too slowly.
    const onClose = () => {
      leave()
      const { errored } = raw
      reject(errored instanceof AppError ? errored : malformedForm('the connection ended before the form did', errored))
    }
    raw.on('data', onData).once('end', onEnd).once('close', onClose).once('error', onClose)
    if (raw.destroyed) onClose()
  })
}

function openFile(head: PartHead, handlers: FormHandlers): PartSink | Promise<PartSink> {
  if (head.filename === undefined) throw malformedForm('the part called file has no file name')
  return handlers.onFile({ filename: head.filename, contentType: head.contentType })
}

/** Collects the bytes of fields, one after another. */
class FieldReader {
  readonly #handlers: FormHandlers
  readonly #seen = new Set<string>()
  #bytes = 0

  constructor(handlers: FormHandlers) {
    this.#handlers = handlers
  }

  open({ name, filename }: PartHead): PartSink {
    // Browsers send a Blob as a field under the file name "blob"; anything larger than a field is refused below.
    if (filename !== undefined && filename !== 'blob' && filename !== '') {
      throw new AppError('invalid_request', `A file stands in the field ${quote(name)}; files are sent as "file".`)
    }
    if (this.#seen.has(name))
      throw new AppError('invalid_request', `The field ${quote(name)} stands twice in the form.`)
    this.#seen.add(name)
    if (this.#seen.size > maxFields) throw new AppError('too_large', `The form has more than ${maxFields} fields.`)
    const pieces: Buffer[] = []
    return {
      write: (piece) => {
        this.#bytes += piece.length
        if (this.#bytes > maxFieldBytes) {
          throw new AppError('too_large', `The fields of the form are larger than ${maxFieldBytes} bytes.`)
        }
        pieces.push(piece)
      },
      end: () => this.#handlers.onField(name, decode(name, Buffer.concat(pieces))),
    }
  }
}

function decode(name: string, bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new AppError('invalid_request', `The field ${quote(name)} is not UTF-8 text.`, { cause })
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function quote(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}

function refuseCompressed(encoding: string | undefined): void {
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return
  throw new AppError(
    'unsupported_media_type',
    `Compressed bodies are not read (Content-Encoding: ${encoding.slice(0, 40)}). Send the form as it is.`,
  )
}

/** The boundary of a form (RFC 2046 section 5.1.1). Throws 400 for every other content type. */
function readBoundary(contentType: string | undefined): string {
  const match = /^multipart\/form-data\s*;(?:.*;)?\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;"]+))\s*(?:;.*)?$/i.exec(
    (contentType ?? '').slice(0, 1_000),
  )
  const boundary = match?.[1] ?? match?.[2] ?? ''
  if (!/^[\x20-\x7e]{1,200}$/.test(boundary) || boundary.endsWith(' ')) {
    throw new AppError('invalid_request', 'Malformed content type', {
      facts: { legacyText: true, expected: 'multipart/form-data with a boundary' },
    })
  }
  return boundary
}
