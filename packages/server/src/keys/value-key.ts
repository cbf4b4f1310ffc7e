import { createHmac, randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const fileName = 'values.key'

/**
 * Makes secrets that have to be known again later, such as those that webhooks are signed with, from an id and a key of
 * the installation, so that no table and no copy of the database holds them: see docs/decisions/webhooks.md.
 */
export interface ValueKey {
  /** 32 bytes, the same for the same purpose and id. */
  derive(purpose: 'webhook' | 'gateway token' | 'custom domain' | 'totp' | 'ipns key', id: string): Buffer
}

/** Reads the key in `dir` (mode 0700), and makes it the first time. */
export async function openValueKey(dir: string): Promise<ValueKey> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, fileName)
  const key = (await readValueKey(file)) ?? (await makeValueKey(dir, file))
  return { derive: (purpose, id) => createHmac('sha256', key).update(`${purpose}\0${id}`).digest() }
}

async function readValueKey(file: string): Promise<Buffer | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // reading fails with a system error
    throw error
  }
  await chmod(file, 0o600)
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32)
    throw new Error(
      `${file} cannot be read. Restore it, or move it away: webhooks and gateways get new secrets then, authenticator apps have to be set up anew, and the keys of IPNS names have to be imported again.`,
    )
  return key
}

async function makeValueKey(dir: string, path: string): Promise<Buffer> {
  const key = randomBytes(32)
  // Fails where another process has just made it, which no start does: they come one after another.
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`${key.toString('base64')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  const folder = await open(dir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
  return key
}
