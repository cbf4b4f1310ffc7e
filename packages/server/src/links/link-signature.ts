import { createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '../lib/errors.ts'

/**
 * What the signature of a link covers. Everything else about it (the path, the bounds) stands in the database under its
 * id, where no holder of the address can change it.
 */
export interface SignedParts {
  readonly kind: 'upload' | 'download'
  readonly id: string
  /** Unix seconds, and how many from there. */
  readonly date: number
  readonly expires: number
  readonly method: string
}

/** A link as it was presented. */
export interface PresentedLink extends SignedParts {
  readonly signature: string
}

const algorithm = 'PINATA1'

/** The query of a link, in the names that Pinata's clients know (reference: presigned upload URL, private download links). */
export function writeSignedQuery(secret: Buffer, parts: SignedParts): string {
  return new URLSearchParams({
    'X-Algorithm': algorithm,
    'X-Date': String(parts.date),
    'X-Expires': String(parts.expires),
    ...(parts.kind === 'download' ? { 'X-Link': parts.id } : {}),
    'X-Method': parts.method,
    'X-Signature': sign(secret, parts).toString('hex'),
  }).toString()
}

/** Whether a name in a query is one that links have. */
export function isSignedName(name: string): boolean {
  return /^X-(Algorithm|Date|Expires|Link|Method|Signature)$/.test(name)
}

/**
 * Reads the query of a link; an upload link has its id in its path. undefined: nothing in it is of a link. Throws
 * `link_invalid` when it cannot be one of ours.
 */
export function readSignedQuery(
  query: Readonly<Record<string, unknown>>,
  id: string | undefined,
): PresentedLink | undefined {
  if (!Object.keys(query).some(isSignedName)) return undefined
  const text = (name: string): string => {
    const value = query[name]
    if (typeof value !== 'string' || value === '' || value.length > 200) throw changed()
    return value
  }
  const seconds = (name: string): number => {
    if (!/^\d{1,15}$/.test(text(name))) throw changed()
    return Number(text(name))
  }
  if (text('X-Algorithm') !== algorithm) throw changed()
  return {
    kind: id === undefined ? 'download' : 'upload',
    id: id ?? text('X-Link'),
    date: seconds('X-Date'),
    expires: seconds('X-Expires'),
    method: text('X-Method'),
    signature: text('X-Signature'),
  }
}

/** Throws `link_invalid` unless one of our secrets signed this. */
export function requireSignature(secrets: readonly Buffer[], { signature, ...parts }: PresentedLink): void {
  if (!/^[0-9a-f]{64}$/.test(signature)) throw changed()
  const given = Buffer.from(signature, 'hex')
  if (!secrets.some((secret) => timingSafeEqual(sign(secret, parts), given))) throw changed()
}

/** The words for a link that is not as it was signed. */
export function changed(): AppError {
  return new AppError(
    'link_invalid',
    'This link is not as it was signed: cut off, mistyped or changed. Copy it again, whole, or have a new one signed.',
  )
}

function sign(secret: Buffer, { kind, id, date, expires, method }: SignedParts): Buffer {
  return createHmac('sha256', secret).update([algorithm, kind, id, date, expires, method].join('\n')).digest()
}
