import { argon2, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../lib/errors.ts'

/** OWASP's parameters for argon2id: 19 MiB, two passes, one lane; and their like for scrypt, where argon2 is missing. */
const argon2Cost = { memory: 19_456, passes: 2, parallelism: 1 } as const
const scryptCost = { N: 32_768, r: 8, p: 3 } as const
const hashBytes = 32
const saltBytes = 16

/** At most this many at once, so that guessing takes neither all threads nor much memory; the rest wait in line. */
const maxRunning = 2
const maxWaiting = 512

/**
 * Hashes a password; algorithm, cost and salt are part of the text (PHC string format). All characters count, in one
 * Unicode form. The event loop is not held. Throws `unavailable` when too many wait already.
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const kind = typeof argon2 === 'function' ? 'argon2id' : 'scrypt'
  const cost = kind === 'argon2id' ? argon2Cost : scryptCost
  const bytes = await derive(password, { kind, cost, salt })
  const [a, b, c] = Object.values(cost)
  const named = kind === 'argon2id' ? `v=19$m=${a},t=${b},p=${c}` : `N=${a},r=${b},p=${c}`
  return `$${kind}$${named}$${unpadded(salt)}$${unpadded(bytes)}`
}

/**
 * Whether `password` is the one of `passwordHash`. Without a hash (nobody has this address of mail) it takes as long
 * and says no.
 */
export async function verifyPassword(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  const stored = readHash(passwordHash ?? (await nobody()))
  const bytes = await derive(password, stored)
  return timingSafeEqual(bytes, stored.hash) && passwordHash != null
}

type Method =
  | { readonly kind: 'argon2id'; readonly cost: { memory: number; passes: number; parallelism: number } }
  | { readonly kind: 'scrypt'; readonly cost: { N: number; r: number; p: number } }

let madeForNobody: Promise<string> | undefined

function nobody(): Promise<string> {
  madeForNobody ??= hashPassword(randomBytes(32).toString('hex'))
  return madeForNobody
}

function readHash(text: string): Method & { salt: Buffer; hash: Buffer } {
  const match =
    /^\$(?:argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)|scrypt\$N=(\d+),r=(\d+),p=(\d+))\$([\w+/]+)\$([\w+/]+)$/.exec(text)
  if (match === null) throw new Error('A stored password hash cannot be read')
  const [, memory, passes, parallelism, n, r, p, salt = '', hash = ''] = match
  const rest = { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') }
  return n === undefined
    ? {
        kind: 'argon2id',
        cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
        ...rest,
      }
    : { kind: 'scrypt', cost: { N: Number(n), r: Number(r), p: Number(p) }, ...rest }
}

const deriveArgon2 = promisify(argon2)
const deriveScrypt = promisify<Buffer, Buffer, number, object, Buffer>(scrypt)

async function derive(password: string, method: { kind: string; cost: object; salt: Buffer }): Promise<Buffer> {
  // One Unicode form: the same password typed on another system must be the same (RFC 8265 section 4.2).
  const message = Buffer.from(password.normalize('NFC'))
  const release = await takeTurn()
  try {
    if (method.kind === 'scrypt') {
      return await deriveScrypt(message, method.salt, hashBytes, { ...method.cost, maxmem: 256 * 1024 * 1024 })
    }
    const parameters = { message, nonce: method.salt, tagLength: hashBytes, ...argon2Cost, ...method.cost }
    return await deriveArgon2('argon2id', parameters)
  } finally {
    release()
  }
}

let running = 0
const waiting: (() => void)[] = []

async function takeTurn(): Promise<() => void> {
  if (running < maxRunning) running++
  else {
    if (waiting.length >= maxWaiting) {
      throw new AppError('unavailable', 'Too many sign-ins at once. Try again in a few seconds.', {
        retryAfterSeconds: 5,
      })
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  return () => {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
