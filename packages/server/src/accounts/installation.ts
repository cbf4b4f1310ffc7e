import { chmod, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../db/database.ts'
import { hashSecretText, isSecretText, makeSecretText } from '../lib/secret-text.ts'
import { findInstallation, insertInstallation, updateSetupToken } from './queries.ts'

const prefix = 'pnset_'
const letters = 32 // 190 bits

/** Who this installation is. */
export interface Installation {
  /** Issuer and audience of JWTs; never a URL, so that the host may move. */
  readonly id: string
  /** Null until set-up. */
  readonly setUpAt: number | null
}

/** The installation of this database; makes its row, with a new id, at the first start. */
export async function openInstallation(
  db: Database,
  { newId, clock }: { newId: () => string; clock: { now(): number } },
): Promise<Installation> {
  const found = await findInstallation(db.read)
  if (found !== undefined) return { id: found.id, setUpAt: found.set_up_at }
  const made = { id: newId(), at: clock.now() }
  return db.write(async (tx) => {
    await insertInstallation(tx, made)
    const row = await findInstallation(tx)
    if (row === undefined) throw new Error('The row of the installation is missing')
    return { id: row.id, setUpAt: row.set_up_at }
  })
}

/** Whether somebody has set this installation up. */
export async function isSetUp({ db }: { db: Database }): Promise<boolean> {
  return (await findInstallation(db.read))?.set_up_at != null
}

/** The network chosen at set-up; null until then. */
export async function findNetwork({ db }: { db: Database }): Promise<'local' | 'public' | null> {
  const row = await findInstallation(db.read)
  if (row === undefined || row.set_up_at === null) return null
  return row.network === 'public' ? 'public' : 'local'
}

/**
 * Sees to it that set-up can happen: the token given by configuration, or else one made at the first start and kept in
 * `DATA/setup-token` (0600), of which the database knows the hash. Gives undefined once set-up is over.
 */
export async function prepareSetup(
  db: Database,
  dataDir: string,
  givenToken: string | undefined,
): Promise<{ readonly token: string; readonly tokenFile: string | undefined } | undefined> {
  const row = await findInstallation(db.read)
  if (row === undefined) throw new Error('Open the installation before preparing its set-up')
  if (row.set_up_at !== null || givenToken !== undefined) await removeSetupToken(dataDir)
  if (row.set_up_at !== null) return undefined
  const token = givenToken ?? (await openTokenFile(dataDir))
  const tokenHash = hashSecretText(token)
  if (tokenHash !== row.setup_token_hash) await db.write((tx) => updateSetupToken(tx, tokenHash))
  return { token, tokenFile: givenToken === undefined ? tokenFileOf(dataDir) : undefined }
}

/** Removes the token's file, if there is one: it is of no use any more. */
export async function removeSetupToken(dataDir: string): Promise<void> {
  await rm(tokenFileOf(dataDir), { force: true })
}

function tokenFileOf(dataDir: string): string {
  return join(dataDir, 'setup-token')
}

/** The token of an earlier start, or a new one. */
async function openTokenFile(dataDir: string): Promise<string> {
  const file = tokenFileOf(dataDir)
  try {
    const text = (await readFile(file, 'utf8')).trim()
    await chmod(file, 0o600)
    if (isSecretText(prefix, letters, text)) return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // what node:fs throws carries a code
  }
  const token = makeSecretText(prefix, letters)
  const made = await open(`${file}.new`, 'w', 0o600)
  try {
    await made.writeFile(`${token}\n`)
    await made.sync()
  } finally {
    await made.close()
  }
  await rename(`${file}.new`, file)
  return token
}
