import { CutOff } from '../lib/cut-off.ts'
import { AppError } from '../lib/errors.ts'
import type { DoorRequest } from './door.ts'
import { MultipartParser, type PartSink } from './multipart-parser.ts'
import { malformedForm, type PartHead } from './part-head.ts'
import { readPieces, refuseCompressed } from './read-pieces.ts'

/** Parts of one form at most: files of a folder, and a few fields. */
const maxParts = 200_000
/** Fields of one form at most, and bytes of all of them together. */
const maxFields = 100
const maxFieldBytes = 1024 * 1024

/** A file of the form. */
interface FilePart {
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
  refuseCompressed(raw)
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
    if (taken > bodyBytes) throw tooLarge()
    return parser.write(piece)
  }).catch((error: unknown) => {
    throw error instanceof CutOff ? malformedForm('the connection ended before the form did', error.cause) : error
  })
  parser.end()
}

/** Bytes of the body, when the client says so beforehand. */
export function contentLength({ raw }: Pick<DoorRequest, 'raw'>): number | undefined {
  const length = raw.headers['content-length']
  return length === undefined ? undefined : Number(length)
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
