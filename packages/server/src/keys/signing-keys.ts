import { createPrivateKey, createPublicKey, generateKeyPair, hkdfSync, type KeyObject } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { LRUCache } from 'lru-cache'
import { nobodyElse, type Notices } from '../db/notices.ts'
import { removeDrafts } from '../lib/remove-drafts.ts'

/** What a token said whose signature was good. Expiry and the key it names are looked at on every request. */
export interface VerifiedToken {
  readonly publicPart: string
  readonly secretHash: string
  /** Milliseconds. */
  readonly expiresAt: number | undefined
  readonly issuedAt: number
}

interface SigningKey {
  readonly kid: string
  readonly createdAt: number
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly publicJwk: JWK
  /** Signs links: derived from the private key, so that it is kept, copied and rotated with it. */
  readonly linkSecret: Buffer
}

const modulusBits = 2_048
const makeKeyPair = promisify(generateKeyPair)

/** What processes tell each other when there is a new key. */
const keyMade = 'signing key'

/** The keys that sign and verify JWTs: the newest signs, all verify. Files in `DATA/keys`, one JWK (RFC 7517) each. */
export class SigningKeys {
  readonly #dir: string
  readonly #notices: Notices
  #keys: ReadonlyMap<string, SigningKey>
  #current: SigningKey
  /** Tokens whose signature was checked already, by the SHA-256 of their text. */
  readonly verified = new LRUCache<string, VerifiedToken>({ max: 20_000 })

  private constructor(dir: string, notices: Notices, keys: readonly SigningKey[], current: SigningKey) {
    this.#dir = dir
    this.#notices = notices
    this.#keys = new Map(keys.map((key) => [key.kid, key]))
    this.#current = current
  }

  /** Reads the keys in `dir`; makes the first one when there is none. */
  static async open(
    dir: string,
    now: number,
    notices: Notices,
    onFault: (error: unknown) => void,
  ): Promise<SigningKeys> {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const keys = await readSigningKeys(dir)
    const newest = keys.at(-1)
    const first = newest ?? (await makeSigningKey(dir, now))
    const opened = new SigningKeys(dir, notices, newest === undefined ? [first] : keys, first)
    notices.on((notice) => {
      if (notice === 'missed' || notice.kind === keyMade) opened.#readAgain().catch(onFault)
    })
    return opened
  }

  /** The key that signs now. */
  get current(): { readonly kid: string; readonly privateKey: KeyObject } {
    return this.#current
  }

  /** The key to verify with, by the `kid` of a token's header; undefined when it is none of ours. */
  async findPublicKey(kid: string): Promise<KeyObject | undefined> {
    // Another process may just have made it. A name that no thumbprint has leads to no file.
    if (!this.#keys.has(kid) && /^[\w-]{43}$/.test(kid) && existsSync(join(this.#dir, `${kid}.json`)))
      await this.#readAgain()
    return this.#keys.get(kid)?.publicKey
  }

  /** The public keys, newest first (RFC 7517 section 5). */
  jwks(): { keys: JWK[] } {
    return { keys: [...this.#keys.values()].reverse().map(({ publicJwk }) => publicJwk) }
  }

  /** The secrets that links are signed with, newest first: the first signs, all verify. */
  linkSecrets(): readonly Buffer[] {
    return [...this.#keys.values()].reverse().map(({ linkSecret }) => linkSecret)
  }

  /** Signs with a new key from now on. Tokens of the old ones stay good. */
  async rotate(now: number): Promise<{ kid: string; previous: string }> {
    const previous = this.#current.kid
    const made = await makeSigningKey(this.#dir, now)
    this.#keys = new Map([...this.#keys, [made.kid, made]])
    this.#current = made
    this.#notices.tell({ kind: keyMade, subject: made.kid })
    return { kid: made.kid, previous }
  }

  async #readAgain(): Promise<void> {
    const keys = await readSigningKeys(this.#dir)
    this.#keys = new Map(keys.map((key) => [key.kid, key]))
    this.#current = keys.at(-1) ?? this.#current
  }
}

/**
 * Reads the signing keys in `dir` (mode 0700) and makes the first one when there is none. Those that other processes
 * make are read when they tell of them, and when a token names one; `onFault` is told when that fails.
 */
export function openSigningKeys(
  dir: string,
  clock: { now(): number },
  { notices = nobodyElse, onFault = () => undefined }: { notices?: Notices; onFault?: (error: unknown) => void } = {},
): Promise<SigningKeys> {
  return SigningKeys.open(dir, clock.now(), notices, onFault)
}

/** Removes what a process left that was killed, or lost its power, while it made a key: nothing was signed with it. */
export async function removeKeyDrafts(dir: string, how: { isAlone: boolean }): Promise<void> {
  await removeDrafts(dir, (name) => name.endsWith('.json.new'), how)
}

/** Oldest first. */
async function readSigningKeys(dir: string): Promise<SigningKey[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.json'))
  const keys = await Promise.all(names.map((name) => readSigningKey(join(dir, name))))
  return keys.sort((a, b) => a.createdAt - b.createdAt || (a.kid < b.kid ? -1 : 1))
}

async function readSigningKey(file: string): Promise<SigningKey> {
  await chmod(file, 0o600)
  try {
    const { created_at: createdAt, ...jwk } = JSON.parse(await readFile(file, 'utf8')) as JWK & { created_at?: unknown }
    if (typeof createdAt !== 'number') throw new Error('created_at is missing')
    return await toSigningKey(createPrivateKey({ key: jwk, format: 'jwk' }), createdAt)
  } catch (error) {
    throw new Error(`The signing key ${file} cannot be read. Restore it, or move it away: its JWTs end then.`, {
      cause: error,
    })
  }
}

async function makeSigningKey(dir: string, now: number): Promise<SigningKey> {
  const { privateKey } = await makeKeyPair('rsa', { modulusLength: modulusBits })
  const key = await toSigningKey(privateKey, now)
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid: key.kid, alg: 'RS256', use: 'sig', created_at: now }
  await writeDurably(dir, `${key.kid}.json`, `${JSON.stringify(jwk, undefined, 2)}\n`)
  return key
}

async function toSigningKey(privateKey: KeyObject, createdAt: number): Promise<SigningKey> {
  const details = privateKey.asymmetricKeyDetails
  if (privateKey.asymmetricKeyType !== 'rsa' || (details?.modulusLength ?? 0) < modulusBits) {
    throw new Error(`not an RSA key of at least ${modulusBits} bits`)
  }
  const publicKey = createPublicKey(privateKey)
  const linkSecret = Buffer.from(
    hkdfSync('sha256', privateKey.export({ type: 'pkcs8', format: 'der' }), '', 'pinyon links', 32), // RFC 5869
  )
  const jwk: JWK = publicKey.export({ format: 'jwk' })
  const kid = await calculateJwkThumbprint(jwk) // RFC 7638
  return { kid, createdAt, privateKey, publicKey, publicJwk: { ...jwk, kid, alg: 'RS256', use: 'sig' }, linkSecret }
}

/** A key must be on the disk before the first token that it signs. */
async function writeDurably(dir: string, name: string, text: string): Promise<void> {
  const file = await open(join(dir, `${name}.new`), 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(join(dir, `${name}.new`), join(dir, name))
  const folder = await open(dir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
