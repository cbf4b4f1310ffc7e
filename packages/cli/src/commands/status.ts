import { describePermissions } from '@pinyon/contract/describe-permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { bytesText, fields, safeText, timeText } from '../output.ts'

/** Says which server and account the key belongs to, what it may do, and what is left. */
export async function status(context: Context): Promise<void> {
  const client = await context.client()
  const who = await client.call(routes.whoami, { signal: context.signal })
  const { account, key, quota, urls } = who
  context.out.result(who, () =>
    fields([
      ['Server', `${client.apiUrl} (Pinyon ${who.version})`],
      ['Gateway', `${urls.gateway}/ipfs/{cid}`],
      ['Account', safeText(account.name)],
      ['Key', key === null ? '-' : `${safeText(key.name)} (${key.publicPart})`],
      ['May', describePermissions(who.scopes)],
      ['Uses left', key === null || key.usesLeft === null ? 'no limit' : String(key.usesLeft)],
      ['Expires', key === null || key.expiresAt === null ? 'never' : timeText(key.expiresAt)],
      [
        'Stored',
        `${bytesText(quota.usedBytes)} in ${quota.files} ${quota.files === 1 ? 'file' : 'files'}${quota.limitBytes === null ? '' : `, of ${bytesText(quota.limitBytes)}`}`,
      ],
      ['Public', who.publicContent === 'allowed' ? 'allowed' : 'refused: nothing of this account can become public'],
    ]),
  )
}
