import { Name } from '@pinyon/contract/schemas/common.ts'
import { tusHeaders, tusVersion } from '@pinyon/contract/routes/tus-headers.ts'
import type { DoorRequest } from '../http/door.ts'
import { one } from '../http/headers.ts'
import { parseWith } from '../http/parse.ts'
import { AppError } from '../lib/errors.ts'
import type { Checksum } from '../uploads/append-upload.ts'

/** The content type of chunks. */
export const chunkType = 'application/offset+octet-stream'

/** What is known of checksums: the names of the extension, which are those of `node:crypto`. */
const digestBytes: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, md5: 16 }

/** Whether a POST begins a resumable upload, and is no form. */
export function beginsResumable({ headers }: DoorRequest): boolean {
  const isForm = /^multipart\//i.test(one(headers['content-type']) ?? '')
  return !isForm && (headers['upload-length'] !== undefined || headers['upload-defer-length'] !== undefined)
}

/** Throws 412 when the client speaks another version of the protocol. The SDK says none. */
export function requireTusVersion({ headers }: DoorRequest): void {
  const version = one(headers['tus-resumable'])
  if (version === undefined || version === tusVersion) return
  throw new AppError('precondition_failed', `Tus-Resumable: this server speaks version ${tusVersion}`)
}

/** `Upload-Length`, or undefined when it is said later. Throws 400, and 413 above the most that is taken. */
export function readLength({ headers }: DoorRequest, mostBytes: number): number | undefined {
  const length = one(headers['upload-length'])
  const defer = one(headers['upload-defer-length'])
  if (defer !== undefined && (defer !== '1' || length !== undefined)) {
    throw new AppError('invalid_request', 'Upload-Defer-Length is 1, or is not sent; with it Upload-Length is not sent')
  }
  return length === undefined ? undefined : readWhole('Upload-Length', length, mostBytes)
}

/** A header in bytes. Throws as `readLength`. */
export function readWhole(name: string, text: string | undefined, mostBytes: number): number {
  if (text === undefined || !/^\d{1,40}$/.test(text)) {
    throw new AppError('invalid_request', `${name} must be a whole number of bytes, in decimal digits`)
  }
  const bytes = Number(text)
  if (bytes > mostBytes) {
    throw new AppError('too_large', `${name} is larger than ${mostBytes} bytes, the most of one file`)
  }
  return bytes
}

/**
 * `Upload-Metadata`: names with values in base64, which may be missing. Values are UTF-8, or Latin-1 where they are not
 * (`btoa` of the SDK). Throws 400 for what is no base64 and for a name that stands there twice.
 */
export function readMetadata({ headers }: DoorRequest): Map<string, string> {
  return parseMetadata(one(headers['upload-metadata'])?.trim() ?? '')
}

/** The same of the text itself. */
export function parseMetadata(text: string): Map<string, string> {
  const metadata = new Map<string, string>()
  if (text === '') return metadata
  for (const pair of text.split(',')) {
    const [, name, encoded = ''] = /^\s*([^\s,]{1,200})(?: +([A-Za-z0-9+/]*={0,2}))?\s*$/.exec(pair) ?? []
    if (name === undefined || encoded.replace(/=+$/, '').length % 4 === 1) throw unreadable(pair)
    if (metadata.has(name)) throw new AppError('invalid_request', `Upload-Metadata: ${name} stands there twice`)
    metadata.set(name, decode(Buffer.from(encoded, 'base64')))
  }
  return metadata
}

/** What the client calls its file, and what it believes it to be. */
export function readDescription(metadata: ReadonlyMap<string, string>): {
  filename: string | undefined
  contentType: string | undefined
} {
  // Uppy says `name` and `type`.
  const filename = metadata.get('filename') || metadata.get('name') || undefined
  const contentType = metadata.get('filetype') || metadata.get('type') || undefined
  return {
    filename: filename === undefined ? undefined : parseWith(Name, filename, 'body', 'filename'),
    contentType: contentType?.split(';')[0]?.trim().toLowerCase().slice(0, 200),
  }
}

/** `Upload-Checksum`. Throws 400 for an algorithm that is not known, or another length than its digest has. */
export function readChecksum({ headers }: DoorRequest): Checksum | undefined {
  const text = one(headers['upload-checksum'])
  if (text === undefined) return undefined
  const [algorithm = '', encoded = ''] = text.split(' ')
  const digest = Buffer.from(encoded, 'base64')
  if (digestBytes[algorithm] !== digest.length) {
    const known = tusHeaders['tus-checksum-algorithm']
    throw new AppError('invalid_request', `Upload-Checksum must be one of ${known} and its digest in base64`)
  }
  return { algorithm, digest }
}

function unreadable(pair: string): AppError {
  const shown = JSON.stringify(pair.slice(0, 60))
  return new AppError('invalid_request', `Upload-Metadata: ${shown} is not a name and a value in base64`)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}
