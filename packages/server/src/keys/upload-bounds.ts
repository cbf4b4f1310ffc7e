import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import { matchesType } from './bounds.ts'
import { idsAbove, readBounds } from './key-cache.ts'
import { addUploadedBytes, listKeysByIds } from './queries.ts'

/**
 * Throws `outside_bounds` when the key of an upload may not bring content of this size or type. What is listed as its
 * type counts, and what its first bytes say where they say something: a name does not make an image of a page.
 */
export function requireUploadAllowed(
  { bounds }: Pick<Caller, 'bounds'>,
  content: { readonly sizeBytes: number; readonly mimeType: string; readonly sniffedType?: string | undefined },
): void {
  const { maxFileBytes, types } = bounds ?? {}
  if (maxFileBytes !== undefined && content.sizeBytes > maxFileBytes) throw fileTooLarge(maxFileBytes)
  if (types === undefined) return
  const refused = findRefused(types, content)
  if (refused === undefined) return
  throw new AppError(
    'outside_bounds',
    `This key may upload ${types.join(', ')}, and the content was recognised as ${refused}.`,
  )
}

/** The types that files inside a folder must have; undefined: any. Where only folders are named, it is not said of what. */
export function typesInFolders({ bounds }: Pick<Caller, 'bounds'>): readonly string[] | undefined {
  const types = bounds?.types?.filter((type) => type.toLowerCase() !== 'directory')
  return types === undefined || types.length === 0 ? undefined : types
}

/** Throws `outside_bounds` when a file inside a folder is of no type that the key may bring (`typesInFolders`). */
export function requireEntryAllowed(
  types: readonly string[],
  { path, ...content }: { readonly path: string; readonly mimeType: string; readonly sniffedType: string },
): void {
  const refused = findRefused(types, content)
  if (refused === undefined) return
  throw new AppError(
    'outside_bounds',
    `This key may upload ${types.join(', ')}, and ${JSON.stringify(path)} in the folder was recognised as ${refused}.`,
  )
}

/** Throws `outside_bounds` for a folder in a CAR where files in folders are bound: they came as blocks and are not looked at. */
export function requireCarAllowed(caller: Pick<Caller, 'bounds'>, { mimeType }: { readonly mimeType: string }): void {
  if (mimeType !== 'directory' || typesInFolders(caller) === undefined) return
  throw new AppError(
    'outside_bounds',
    'This key is bound in the types it may upload, and what lies in the folder of a CAR is not looked at. Upload the folder itself.',
  )
}

function findRefused(
  types: readonly string[],
  { mimeType, sniffedType = mimeType }: { readonly mimeType: string; readonly sniffedType?: string | undefined },
): string | undefined {
  const told = canBe(mimeType, sniffedType) ? [mimeType] : [mimeType, sniffedType]
  return told.find((type) => !matchesType(types, type))
}

/** Whether bytes that say no more than "text" or "bytes" may be of a type, which a name or a client gave them. */
function canBe(type: string, sniffedType: string): boolean {
  if (sniffedType === 'text/plain')
    return /^text\/|[/+](json|xml|javascript|yaml|toml|x-ndjson|sql|graphql)$/.test(type)
  // These begin with bytes of their own.
  return (
    sniffedType === 'application/octet-stream' && !/^(image|audio|video|font|text)\/|\/(pdf|zip|gzip|json)$/.test(type)
  )
}

/**
 * Counts bytes that are kept against the key and those above it, in the write that keeps them: after the account, before
 * pins. Throws `outside_bounds` when they are more than one of these keys may bring in all.
 */
export async function chargeUpload(
  tx: Db,
  { key, bounds }: Pick<Caller, 'key' | 'bounds'>,
  bytes: number,
): Promise<void> {
  if (key === undefined || bounds?.maxBytes === undefined) return
  const above = key.ancestors ?? idsAbove((await listKeysByIds(tx, [key.id]))[0]?.ancestors ?? '[]')
  const charged = await addUploadedBytes(tx, [...above, key.id].sort(), bytes)
  for (const row of charged) {
    const most = readBounds({ ...row, own_1: null, own_2: null, own_3: null }).bounds?.maxBytes ?? Infinity
    if (row.uploaded_bytes <= most) continue
    throw new AppError(
      'outside_bounds',
      `The key "${row.name}" may bring ${most} bytes in all, of which ${row.uploaded_bytes - bytes} are used up, and this content has ${bytes}.`,
      { facts: { bound: { maxBytes: most, uploadedBytes: row.uploaded_bytes - bytes, neededBytes: bytes } } },
    )
  }
}

/** The most bytes of content that one upload with this key may have. */
export function mostBytesOf({ bounds }: Pick<Caller, 'bounds'>): number {
  return Math.min(bounds?.maxFileBytes ?? Infinity, bounds?.maxBytes ?? Infinity)
}

/** Throws `outside_bounds` for a key that is bound in what is not known of content before it was fetched. */
export function requireFetchAllowed({ bounds }: Pick<Caller, 'bounds'>): void {
  const { maxBytes, maxFileBytes, types } = bounds ?? {}
  if (maxBytes === undefined && maxFileBytes === undefined && types === undefined) return
  throw new AppError(
    'outside_bounds',
    'This key is bound in the size or type of what it brings, and nobody knows these of a CID before it is fetched. Pin by CID with another key.',
  )
}

/** The refusal of a file that is larger than the key may bring. */
export function fileTooLarge(maxBytes: number): AppError {
  return new AppError('outside_bounds', `This key may upload at most ${maxBytes} bytes at once.`)
}
