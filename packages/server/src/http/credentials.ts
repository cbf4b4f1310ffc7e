import { decodeJwt } from 'jose'
import { AppError } from '../lib/errors.ts'

/** A credential as it was presented, not checked yet. */
export type Presented =
  | { readonly kind: 'jwt'; readonly token: string }
  | { readonly kind: 'pair'; readonly publicPart: string; readonly secret: string }
  | { readonly kind: 'session'; readonly token: string }

/** The session cookie: `__Host-` binds it to this host, https (or loopback) and the whole path (RFC 6265bis). */
export const sessionCookie = '__Host-pinyon'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/** What the checks of a cookie need to know about this listener. */
export interface OwnOrigin {
  readonly apiUrl: string
}

/**
 * Finds the credential of a request. A key (JWT or the two Pinata headers) beats a session cookie; two different keys
 * are refused. Malformed headers are refused in words that say what was seen. undefined: nobody says who asks.
 */
export function readPresented(headers: Headers, method: string, own: OwnOrigin): Presented | undefined {
  const jwt = readBearer(one(headers['authorization']))
  const pair = readPair(headers)
  if (jwt !== undefined && pair !== undefined) {
    if (publicPartOf(jwt) !== pair.publicPart) {
      throw new AppError(
        'mixed_credentials',
        'Two different credentials in one request: a JWT and a pinata_api_key of another key. Send one of them.',
      )
    }
    return { kind: 'jwt', token: jwt }
  }
  if (jwt !== undefined) return { kind: 'jwt', token: jwt }
  if (pair !== undefined) return { kind: 'pair', ...pair }
  const token = readSessionCookie(headers, method, own)
  return token === undefined ? undefined : { kind: 'session', token }
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}

function readBearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const [scheme = '', token = '', ...more] = header.trim().split(/\s+/)
  if (/^bearer$/i.test(scheme) && more.length === 0 && token !== '') {
    if (token === 'undefined' || token === 'null') {
      throw new AppError(
        'credentials_invalid',
        `The Authorization header says "Bearer ${token}": the program has no JWT to send. Is its environment variable (often PINATA_JWT) set?`,
      )
    }
    if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token
    throw new AppError(
      'credentials_invalid',
      'What follows "Bearer" is not a JWT: a JWT has three parts separated by dots. Use the value called JWT that was shown when the key was made, whole and without quotes.',
    )
  }
  if (scheme === '' || (/^bearer$/i.test(scheme) && token === '')) {
    throw new AppError(
      'credentials_invalid',
      'The Authorization header has no token. It must be: Authorization: Bearer <JWT>.',
    )
  }
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(scheme)) {
    throw new AppError(
      'credentials_invalid',
      'The Authorization header holds a JWT without the word Bearer before it. It must be: Authorization: Bearer <JWT>.',
    )
  }
  throw new AppError(
    'credentials_invalid',
    'The Authorization header is malformed. It must be: Authorization: Bearer <JWT>. Or send the headers pinata_api_key and pinata_secret_api_key.',
  )
}

function readPair(headers: Headers): { publicPart: string; secret: string } | undefined {
  const publicPart = one(headers['pinata_api_key'])?.trim()
  const secret = one(headers['pinata_secret_api_key'])?.trim()
  if (publicPart === undefined && secret === undefined) {
    if (
      headers['pinata_api_secret'] !== undefined ||
      headers['pinata-api-key'] !== undefined ||
      headers['pinata-secret-api-key'] !== undefined
    ) {
      throw new AppError(
        'credentials_invalid',
        'The headers of a key are called pinata_api_key and pinata_secret_api_key (with underscores). If a proxy in front drops such headers, let it pass them (nginx: underscores_in_headers on).',
      )
    }
    return undefined
  }
  if (publicPart === undefined || publicPart === '') {
    throw new AppError(
      'credentials_invalid',
      'The header pinata_secret_api_key came without pinata_api_key. Send both.',
    )
  }
  if (secret === undefined || secret === '') {
    throw new AppError(
      'credentials_invalid',
      'The header pinata_api_key came without pinata_secret_api_key. Send both (the secret is the value called pinata_api_secret when the key was made).',
    )
  }
  return { publicPart, secret }
}

/** The public part that a JWT claims, unchecked: only to tell whether two credentials name one key. */
function publicPartOf(token: string): unknown {
  try {
    return decodeJwt(token)['scopedKeyKey']
  } catch {
    return undefined // not readable: then it names no key, and the JWT check will say what is wrong with it
  }
}

/**
 * A cookie travels with requests that other pages cause, also from other ports of this host. It counts only when the
 * browser says that the page is ours (Fetch Metadata), or, from browsers without it, when Origin is ours with its port.
 */
function readSessionCookie(headers: Headers, method: string, own: OwnOrigin): string | undefined {
  const cookies = one(headers['cookie'])
  if (cookies === undefined) return undefined
  const site = one(headers['sec-fetch-site'])
  if (site === undefined) {
    if (one(headers['origin']) !== new URL(own.apiUrl).origin) return undefined
  } else if (site !== 'same-origin') {
    const navigation =
      site === 'none' && (method === 'GET' || method === 'HEAD') && one(headers['sec-fetch-mode']) === 'navigate'
    if (!navigation) return undefined
  }
  for (const piece of cookies.split(';')) {
    const at = piece.indexOf('=')
    if (at !== -1 && piece.slice(0, at).trim() === sessionCookie) return piece.slice(at + 1).trim()
  }
  return undefined
}
