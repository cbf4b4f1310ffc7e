import type { KeyvalueValue } from '../files/keyvalues.ts'
import { AppError } from '../lib/errors.ts'
import { bareType, typeOfBytes, typeOfName } from '../lib/content-type.ts'

/** What was fixed when an upload link was signed; null where the uploader chooses. */
export interface UploadBounds {
  readonly name: string | null
  readonly groupId: string | null
  readonly keyvalues: Readonly<Record<string, KeyvalueValue>> | null
  readonly maxFileSize: number | null
  readonly allowMimeTypes: readonly string[] | null
  readonly cidVersion: 'v0' | 'v1' | null
}

/** What came in, as far as bounds look at it. */
export interface Arrived {
  /** Name of the first file. */
  readonly name: string
  readonly isFolder: boolean
  readonly isCar: boolean
  /** The first bytes of the first file. */
  readonly sample: { readonly bytes: Uint8Array; readonly isWhole: boolean }
}

/**
 * Puts what was fixed at signing in place of what the uploader sent, field by field of the form (or of the metadata of a
 * resumable upload, which has the same names).
 */
export function fixFields(
  fields: Map<string, string>,
  { network, bounds }: { readonly network: string; readonly bounds: UploadBounds },
): void {
  fields.set('network', network)
  if (bounds.name !== null) fields.set('name', bounds.name)
  if (bounds.keyvalues !== null) fields.set('keyvalues', JSON.stringify(bounds.keyvalues))
  if (bounds.cidVersion !== null) fields.set('cid_version', bounds.cidVersion)
  if (bounds.groupId === null) return
  fields.delete('group')
  fields.set('group_id', bounds.groupId)
}

/** Throws `too_large` when more content came than the link takes. */
export function requireSize({ maxFileSize }: UploadBounds, bytes: number): void {
  if (maxFileSize === null || bytes <= maxFileSize) return
  throw new AppError('too_large', `This link takes ${maxFileSize} bytes at most.`)
}

/**
 * Throws `invalid_request`, naming the type that was detected, when a link does not take what came. The bytes decide; the
 * ending of the name counts only where bytes say no more than "text" or "bytes", and never to pass for a picture, sound or
 * film. A folder is taken only where `directory` is named,
 * and `entriesOf` looks at what lies in it.
 */
export async function requireType({ allowMimeTypes: allowed }: UploadBounds, arrived: Arrived): Promise<void> {
  if (allowed === null && !arrived.isFolder) return
  const types = await typesOf(arrived)
  if (types.some((type) => (allowed ?? []).some((pattern) => isLike(type, pattern)))) return
  throw new AppError(
    'invalid_request',
    `The detected MIME type ${types[0]} is not allowed by this link; ${
      allowed === null ? 'it takes single files' : `it takes ${allowed.join(', ') || 'nothing'}`
    }.`,
  )
}

/**
 * What is asked of each file of a folder: one of the types beside `directory`. Undefined when none is named: then a folder
 * may hold anything. Throws as `requireType`.
 */
export function entriesOf({
  allowMimeTypes,
}: UploadBounds):
  | ((entry: { readonly path: readonly string[]; readonly sample: Arrived['sample'] }) => Promise<void>)
  | undefined {
  const allowed = allowMimeTypes?.filter((pattern) => pattern !== 'directory') ?? []
  if (allowed.length === 0) return undefined
  return async ({ path, sample }) => {
    const types = await typesOf({ name: path.at(-1) ?? '', isFolder: false, isCar: false, sample })
    if (types.some((type) => allowed.some((pattern) => isLike(type, pattern)))) return
    throw new AppError(
      'invalid_request',
      `The detected MIME type ${types[0]} of ${JSON.stringify(path.join('/'))} is not allowed by this link; in a folder it takes ${allowed.join(', ')}.`,
    )
  }
}

/** What it can be taken for, the likeliest first. */
async function typesOf({ name, isFolder, isCar, sample }: Arrived): Promise<string[]> {
  if (isFolder) return ['directory']
  if (isCar) return ['application/vnd.ipld.car']
  const byBytes = bareType(await typeOfBytes(sample.bytes, { whole: sample.isWhole }))
  const byName = bareType(typeOfName(name) ?? byBytes)
  return byName !== byBytes && mayBe(byName, byBytes) ? [byName, byBytes] : [byBytes]
}

/** Whether bytes that look like `bytes` may be what their name says: kinds of text that bytes do not tell apart. */
function mayBe(name: string, bytes: string): boolean {
  if (/^(image|audio|video|font)\//.test(name) || name === 'text/html') return false
  if (bytes === 'application/octet-stream') return !/^text\/|^application\/(pdf|zip)$/.test(name)
  return /^(text\/plain|application\/(json|xml))$/.test(bytes)
}

function isLike(type: string, pattern: string): boolean {
  if (type === 'directory' || pattern === 'directory') return type === pattern
  if (pattern === '*' || pattern === '*/*') return true
  return pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern
}
