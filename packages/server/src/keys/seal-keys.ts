import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { z } from 'zod'

const Sealed = z.object({
  kind: z.literal('scrypt-aes-256-gcm'),
  cost: z
    .int()
    .min(2 ** 14)
    .max(2 ** 20),
  salt: z.base64(),
  iv: z.base64(),
  tag: z.base64(),
  data: z.base64(),
})
const Files = z.record(z.string(), z.base64())

/** Files by their path below the data directory. */
export type SecretFiles = ReadonlyMap<string, Uint8Array>

/** The passphrase does not open what was sealed, or it was changed. */
export class WrongPassphrase extends Error {
  override readonly name = 'WrongPassphrase'
}

const cost = 2 ** 17
const derive = promisify<string, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(
  scrypt,
)

/** Encrypts files of secrets with a passphrase, so that they may lie where backups lie (scrypt, AES-256-GCM). */
export async function sealFiles(files: SecretFiles, passphrase: string): Promise<string> {
  const salt = randomBytes(16)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt, cost), iv)
  const plain = JSON.stringify(
    Object.fromEntries([...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')])),
  )
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  const text = (bytes: Buffer) => bytes.toString('base64')
  const sealed: z.infer<typeof Sealed> = {
    kind: 'scrypt-aes-256-gcm',
    cost,
    salt: text(salt),
    iv: text(iv),
    tag: text(cipher.getAuthTag()),
    data: text(data),
  }
  return JSON.stringify(sealed)
}

/** The files that were sealed. Throws `WrongPassphrase`. */
export async function openSealed(text: string, passphrase: string): Promise<SecretFiles> {
  const sealed = Sealed.parse(JSON.parse(text))
  const bytes = (value: string) => Buffer.from(value, 'base64')
  const key = await keyOf(passphrase, bytes(sealed.salt), sealed.cost)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(sealed.iv), { authTagLength: 16 })
  decipher.setAuthTag(bytes(sealed.tag))
  let plain: string
  try {
    plain = Buffer.concat([decipher.update(bytes(sealed.data)), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new WrongPassphrase('The passphrase does not open the keys of this backup', { cause: error })
  }
  return new Map(Object.entries(Files.parse(JSON.parse(plain))).map(([path, value]) => [path, bytes(value)]))
}

function keyOf(passphrase: string, salt: Uint8Array, N: number): Promise<Buffer> {
  return derive(passphrase, salt, 32, { N, r: 8, p: 1, maxmem: 2 * 128 * 8 * N })
}
