import * as server from '@pinyon/server/admin.ts'
import { readByteCount } from '../byte-count.ts'
import type { Context } from '../context.ts'
import { bytesText, fields, safeText, table, timeText } from '../output.ts'
import { shorten } from '../text-width.ts'
import { atPlace, type PlaceOptions } from './admin-place.ts'

/** Options of `admin accounts add`. */
export interface AddOptions {
  readonly quota?: string
}

/** Lists all accounts. */
export async function listAccounts(context: Context, options: PlaceOptions): Promise<void> {
  const accounts = await atPlace(context, options, server.listAccounts)
  context.out.result(accounts, () =>
    accounts.length === 0
      ? 'No accounts yet. Set the server up: ./pinyon setup'
      : table(
          ['NAME', 'E-MAIL', 'FILES', 'STORED', 'QUOTA', 'CREATED', 'STATE', 'ID'],
          accounts.map((account) => [
            shorten(safeText(account.name), context.out.nameColumns),
            safeText(account.email),
            String(account.files),
            bytesText(account.usedBytes),
            quotaText(account.quotaBytes),
            timeText(account.createdAt),
            account.disabledAt === null ? 'active' : 'disabled',
            account.id,
          ]),
        ),
  )
}

/** Makes an account and prints the link for its owner. */
export async function addAccount(
  context: Context,
  options: PlaceOptions,
  { name, email, quota }: AddOptions & { readonly name: string; readonly email: string },
): Promise<void> {
  // Left out it is the usual one.
  const quotaBytes = quota === undefined ? undefined : readQuota(quota)
  const made = await atPlace(context, options, (place) => server.addAccount(place, { name, email, quotaBytes }))
  context.out.result(
    made,
    () => `Account "${safeText(made.account.name)}" (${made.account.id}). Give this link to ${safeText(made.account.email)}; it works once, until ${timeText(made.invite.expiresAt)}:

${made.invite.url}

${withoutBrowser(made.invite.url, '/pinyon/v1/invites/accept')}`,
  )
}

/** Sets how much an account may hold. */
export async function setQuota(context: Context, options: PlaceOptions, which: string, bytes: string): Promise<void> {
  const quotaBytes = readQuota(bytes)
  const account = await atPlace(context, options, (place) => server.setQuota(place, which, quotaBytes))
  context.out.result(account, () =>
    fields([
      ['Account', safeText(account.name)],
      ['Quota', quotaText(account.quotaBytes)],
      ['Stored', `${bytesText(account.usedBytes)} in ${account.files} files`],
    ]),
  )
  if (account.quotaBytes !== null && account.usedBytes > account.quotaBytes)
    context.out.note('More is stored than that: nothing is removed, and nothing new is taken.')
}

/** Sets how much the gateway serves for an account in a month. */
export async function setEgressQuota(
  context: Context,
  options: PlaceOptions,
  which: string,
  bytes: string,
): Promise<void> {
  const egressQuotaBytes = readQuota(bytes)
  const account = await atPlace(context, options, (place) => server.setEgressQuota(place, which, egressQuotaBytes))
  context.out.result(account, () =>
    fields([
      ['Account', safeText(account.name)],
      ['Served a month', quotaText(account.egressQuotaBytes)],
    ]),
  )
}

/** Prints a link with which a user chooses a new password. */
export async function resetPassword(context: Context, options: PlaceOptions, email: string): Promise<void> {
  const made = await atPlace(context, options, (place) => server.resetPassword(place, email))
  context.out.result(
    made,
    () =>
      `Give this link to ${safeText(email)}; it works once, until ${timeText(made.expiresAt)}, and ends earlier ones:\n\n${made.url}\n\n${withoutBrowser(made.url, '/pinyon/v1/password/reset')}`,
  )
}

/** Has somebody sign in with the password alone. */
export async function resetTotp(context: Context, options: PlaceOptions, email: string): Promise<void> {
  await atPlace(context, options, (place) => server.resetSecondStep(place, email))
  context.out.result({ email }, () => `${safeText(email)} signs in with the password alone from now on.`)
}

/** The request that the page behind a link makes. */
function withoutBrowser(link: string, path: string): string {
  const { origin, hash } = new URL(link)
  const body = `{"token":"${hash.replace('#token=', '')}","password":"..."}`
  return `Without a browser:\n  curl -H 'content-type: application/json' -d '${body}' ${origin}${path}`
}

function readQuota(text: string): number | null {
  return text === 'none' ? null : readByteCount(text)
}

function quotaText(bytes: number | null): string {
  return bytes === null ? 'none' : bytesText(bytes)
}
