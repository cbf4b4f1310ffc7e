import { randomBytes } from 'node:crypto'

/** One part that is a file: where its bytes come from and, when known, how many. */
export interface FilePart {
  readonly filename: string
  readonly sizeBytes: number | undefined
  /** Exactly `sizeBytes` bytes when they are known; it throws when it cannot give them. */
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** A file that can be read from any place, and what tells whether it has changed. */
  readonly onDisk?: {
    openAt(offset: number): AsyncIterable<Uint8Array>
    readonly path: string
    readonly changedAtMs: number
  }
}

/** A form as it travels (RFC 7578), streamed: nothing of a large file is held in memory. */
export interface MultipartBody {
  readonly contentType: string
  readonly stream: AsyncIterable<Uint8Array>
  /** Known unless a part's size is not. */
  readonly lengthBytes?: number
}

/** Encodes fields and files. Fields come first, so that the server knows what to do before the bytes arrive. */
export function encodeMultipart(
  fields: Readonly<Record<string, string>>,
  files: readonly FilePart[],
  onBytes: (bytes: number) => void,
): MultipartBody {
  const boundary = `pinyon-${randomBytes(16).toString('hex')}`
  const head = Object.entries(fields)
    .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('')
  const tail = `--${boundary}--\r\n`
  let length: number | undefined = Buffer.byteLength(head) + Buffer.byteLength(tail)
  for (const file of files) {
    if (file.sizeBytes === undefined) length = undefined
    if (length === undefined) break
    length += Buffer.byteLength(headOf(boundary, file)) + (file.sizeBytes ?? 0) + lineBreak.length
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    stream: pieces(boundary, head, files, tail, onBytes),
    ...(length === undefined ? {} : { lengthBytes: length }),
  }
}

/** Pieces of about this size go out when files are small: one write for many of them. */
const pieceBytes = 262_144
/** Larger files are passed through as they are read. */
const maxCopiedBytes = 65_536

async function* pieces(
  boundary: string,
  head: string,
  files: readonly FilePart[],
  tail: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const held: Uint8Array[] = [Buffer.from(head)]
  let heldBytes = 0
  for (const file of files) {
    const header = Buffer.from(headOf(boundary, file))
    held.push(header)
    heldBytes += header.length
    const isSmall = file.sizeBytes !== undefined && file.sizeBytes <= maxCopiedBytes
    for await (const chunk of file.open()) {
      onBytes(chunk.length)
      if (isSmall) {
        held.push(chunk)
        heldBytes += chunk.length
      } else {
        if (held.length > 0) yield Buffer.concat(held.splice(0))
        heldBytes = 0
        yield chunk
      }
    }
    held.push(lineBreak)
    if (heldBytes >= pieceBytes) {
      yield Buffer.concat(held.splice(0))
      heldBytes = 0
    }
  }
  yield Buffer.concat([...held, Buffer.from(tail)])
}

const lineBreak = Buffer.from('\r\n')

function headOf(boundary: string, { filename }: FilePart): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="file"; ${filenameParameter(filename)}\r\nContent-Type: application/octet-stream\r\n\r\n`
}

/**
 * The name as browsers send it (WHATWG, multipart/form-data encoding). A backslash begins an escape for readers of
 * quoted strings (RFC 2183), so it is doubled; a name that holds what looks like one of the browsers' escapes travels in
 * the extended form besides (RFC 8187), which has no such doubt.
 */
function filenameParameter(name: string): string {
  const escaped = name.replaceAll('\\', '\\\\').replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
  const extended = /%(?:22|0d|0a)/i.test(name) ? `; filename*=UTF-8''${encodeURIComponent(name)}` : ''
  return `filename="${escaped}"${extended}`
}
