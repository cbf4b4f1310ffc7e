import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** One part that is a file: where its bytes come from and, when known, how many. */
export interface FilePart {
  readonly filename: string
  readonly sizeBytes: number | undefined
  open(): AsyncIterable<Uint8Array>
}

/** A form as it travels (RFC 7578), streamed: nothing of a file is held in memory. */
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
  const head = Buffer.from(
    Object.entries(fields)
      .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
      .join(''),
  )
  const heads = files.map(({ filename }) =>
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${escapeName(filename)}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    ),
  )
  const tail = Buffer.from(`--${boundary}--\r\n`)
  const sizes = files.map(({ sizeBytes }) => sizeBytes)
  const known = sizes.every((size) => size !== undefined)
  const length =
    head.length +
    tail.length +
    heads.reduce((sum, part) => sum + part.length + 2, 0) +
    sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0)
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    stream: pieces(head, heads, files, tail, onBytes),
    ...(known ? { lengthBytes: length } : {}),
  }
}

async function* pieces(
  head: Buffer,
  heads: readonly Buffer[],
  files: readonly FilePart[],
  tail: Buffer,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const small: Buffer[] = [head]
  let held = head.length
  for (const [at, file] of files.entries()) {
    small.push(heads[at] ?? Buffer.alloc(0))
    // Small files travel together: one write for many of them.
    if (file.sizeBytes !== undefined && file.sizeBytes <= 65_536) {
      for await (const chunk of file.open()) {
        small.push(Buffer.from(chunk))
        held += chunk.length
        onBytes(chunk.length)
      }
      small.push(lineBreak)
      if (held < 262_144) continue
      yield Buffer.concat(small.splice(0))
      held = 0
      continue
    }
    yield Buffer.concat(small.splice(0))
    held = 0
    for await (const chunk of file.open()) {
      onBytes(chunk.length)
      yield chunk
    }
    small.push(lineBreak)
  }
  yield Buffer.concat([...small, tail])
}

const lineBreak = Buffer.from('\r\n')

/** What browsers escape in a file name (WHATWG, multipart/form-data encoding). */
function escapeName(name: string): string {
  return name.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22')
}

/** The bytes of a file on disk, in large reads. */
export function readFileBytes(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 1_048_576 })
}
