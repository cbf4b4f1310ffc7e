import { join } from 'node:path'
import { CreateAccount, type Account, type Invite } from '@pinyon/contract/schemas/accounts.ts'
import type { z } from 'zod'
import { makePasswordReset } from './accounts/change-password.ts'
import { isSetUp } from './accounts/installation.ts'
import { changeAccount, createAccount, pageAccounts } from './accounts/manage-accounts.ts'
import { resetTotp } from './accounts/manage-totp.ts'
import type { AccountRow } from './accounts/queries.ts'
import { presentAccount, presentInvite } from './api/present-accounts.ts'
import { presentTime } from './api/present-time.ts'
import { findManifest } from './backup-manifest.ts'
import type { BlobReader } from './blobs/blob-store.ts'
import { recount, type Recount } from './files/recount.ts'
import { AppError } from './lib/errors.ts'
import { AdminRefused, withDatabase, withPacks, type AdminPlace, type AdminServices } from './open-admin.ts'
import { repairFrom, type RepairReport } from './pins/repair-from.ts'
import { rebuildIndex as rebuildBlockIndex, type RebuildReport } from './pins/rebuild-index.ts'
import { verifyBlocks, type VerifyReport } from './pins/verify.ts'

type AccountView = z.infer<typeof Account>

/** All accounts, newest first. May run beside the server, like all but `rebuildIndex`. */
export async function listAccounts(place: AdminPlace): Promise<AccountView[]> {
  return withDatabase(place, 'read', async (services) => (await readAccounts(services)).map(presentAccount))
}

/** Makes an account and the invite for its owner. Throws `invalid_request`, and AdminRefused before set-up. */
export async function addAccount(
  place: AdminPlace,
  input: z.input<typeof CreateAccount>,
): Promise<{ account: AccountView; invite: z.infer<typeof Invite> }> {
  const checked = CreateAccount.safeParse(input)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new AppError('invalid_request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not good'}`)
  }
  return withDatabase(place, 'write', async (services) => {
    // The first account is set-up's: another before it could take its owner's address, and be used without an operator.
    if (!(await isSetUp(services)))
      throw new AdminRefused(
        'NOT_SET_UP',
        'This installation is not set up yet: it has no operator and no network. Set it up first (./pinyon setup), which makes the first account; then add others.',
      )
    const { account, invite } = await createAccount(services, 'machine', checked.data)
    return { account: presentAccount(account), invite: presentInvite(invite) }
  })
}

/**
 * Sets how many bytes an account may hold; null is unlimited. The account is named by id, name or address of mail.
 * Throws `not_found`, and `conflict` when several are called that.
 */
export async function setQuota(place: AdminPlace, which: string, quotaBytes: number | null): Promise<AccountView> {
  return withDatabase(place, 'write', async (services) => {
    const { id } = await getAccountCalled(services, which)
    return presentAccount(await changeAccount(services, 'machine', id, { quotaBytes }, 'operator'))
  })
}

/** Sets how many bytes the gateway serves for an account in a month; a server beside follows within a second. Throws as `setQuota`. */
export async function setEgressQuota(
  place: AdminPlace,
  which: string,
  egressQuotaBytes: number | null,
): Promise<AccountView> {
  return withDatabase(place, 'write', async (services) => {
    const { id } = await getAccountCalled(services, which)
    return presentAccount(await changeAccount(services, 'machine', id, { egressQuotaBytes }, 'operator'))
  })
}

/** Makes a link with which a user chooses a new password, once, within an hour. Throws `not_found`. */
export async function resetPassword(
  place: AdminPlace,
  email: string,
): Promise<{ url: string; token: string; expiresAt: string }> {
  return withDatabase(place, 'write', async (services) => {
    const { token, expiresAt } = await makePasswordReset(services, email)
    // In the fragment, which browsers do not send.
    const url = `${services.installation.apiUrl}/reset-password#token=${token}`
    return { url, token, expiresAt: presentTime(expiresAt) }
  })
}

/** Has somebody who lost their authenticator app sign in with the password alone. Throws `not_found`, `conflict`. */
export async function resetSecondStep(place: AdminPlace, email: string): Promise<void> {
  await withDatabase(place, 'write', (services) => resetTotp(services, email))
}

/** What verifying and rebuilding say while they go on, and when they are to stop. */
export interface Watched {
  /** Bytes that were looked at, of those in the packs; what nobody needs any more may be passed over. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void
  readonly signal?: AbortSignal
}

/** What is stored, and with `all` what is kept in counters; null without it. */
export type Verified = VerifyReport & { readonly counters: Recount | null }

/**
 * Looks whether what is stored is there, and with `all` whether it is what its hashes say and whether counters are what
 * they count. Changes nothing.
 */
export async function verify(
  place: AdminPlace,
  { all, onProgress, signal }: Watched & { readonly all: boolean },
): Promise<Verified> {
  return withPacks(place, 'beside a server', async (services) => {
    const totalBytes = await sumOfPacks(services)
    const report = await verifyBlocks(services, {
      all,
      onProgress: ({ bytes }) => onProgress?.(bytes, totalBytes),
      ...(signal === undefined ? {} : { signal }),
    })
    return { ...report, counters: all ? await recount(services.db.read, signal) : null }
  })
}

/** Fills the index of blocks again from the packs. Throws AdminRefused while a server runs. */
export async function rebuildIndex(place: AdminPlace, { onProgress, signal }: Watched): Promise<RebuildReport> {
  return withPacks(place, 'alone', async (services) => {
    const totalBytes = await sumOfPacks(services)
    return rebuildBlockIndex(services, {
      dir: services.packsDir,
      onProgress: ({ bytes }) => onProgress?.(bytes, totalBytes),
      ...(signal === undefined ? {} : { signal }),
    })
  })
}

/**
 * Mends damaged blocks from the packs of a backup of this installation. Throws AdminRefused while a server runs, and for
 * what is no such backup.
 */
export async function repair(
  place: AdminPlace,
  { from, onProgress, signal }: Watched & { readonly from: string },
): Promise<RepairReport> {
  const manifest = await findManifest(from)
  return withPacks(place, 'alone', async (services) => {
    if (manifest?.installationId !== services.installation.id)
      throw new AdminRefused('NO_BACKUP', `${from} holds no finished backup of this installation.`)
    const totalBytes = await sumOfPacks(services)
    return repairFrom(services, {
      dir: services.packsDir,
      from: join(from, 'packs'),
      onProgress: ({ bytes }) => onProgress?.(bytes, totalBytes),
      ...(signal === undefined ? {} : { signal }),
    })
  })
}

async function sumOfPacks({ packs }: { readonly packs: BlobReader }): Promise<number> {
  return (await packs.list()).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

async function readAccounts(services: AdminServices): Promise<AccountRow[]> {
  const accounts: AccountRow[] = []
  for (let pageToken: string | undefined; ;) {
    const page = await pageAccounts(services, { limit: 1_000, pageToken })
    accounts.push(...page.accounts)
    if (page.nextPageToken === null) return accounts
    pageToken = page.nextPageToken
  }
}

async function getAccountCalled(services: AdminServices, which: string): Promise<AccountRow> {
  const folded = which.trim().toLowerCase()
  const accounts = await readAccounts(services)
  const exact = accounts.find(({ id }) => id === folded)
  if (exact !== undefined) return exact
  const [found, ...others] = accounts.filter(
    ({ name, email }) => name.toLowerCase() === folded || email.toLowerCase() === folded,
  )
  if (found === undefined) throw new AppError('not_found', `There is no account ${which}.`)
  if (others.length > 0) throw new AppError('conflict', `Several accounts are called ${which}. Name one by its id.`)
  return found
}
