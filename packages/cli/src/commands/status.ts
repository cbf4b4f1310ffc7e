import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { bytesText, timeText } from '../output.ts'
import { describeScopes } from './keys.ts'

/** Says which server and account the key belongs to, what it may do, and what is left. */
export async function status(context: Context): Promise<void> {
  const client = await context.client()
  const who = await client.call(routes.whoami, { signal: context.signal })
  context.out.result(who, () =>
    [
      ['Server', `${who.urls.api} (Pinyon ${who.version})`],
      ['Gateway', `${who.urls.gateway}/ipfs/{cid}`],
      ['Account', who.account.name],
      ['Key', who.key === null ? '-' : `${who.key.name} (${who.key.publicPart})`],
      ['May', describeScopes(who.scopes)],
      ['Uses left', who.key?.usesLeft === null || who.key === null ? 'no limit' : String(who.key.usesLeft)],
      ['Expires', who.key?.expiresAt === null || who.key === null ? 'never' : timeText(who.key.expiresAt)],
      [
        'Stored',
        `${bytesText(who.quota.usedBytes)} in ${who.quota.files} files${who.quota.limitBytes === null ? '' : `, of ${bytesText(who.quota.limitBytes)}`}`,
      ],
      ['Public', who.publicContent === 'allowed' ? 'allowed' : 'refused: nothing of this account can become public'],
    ]
      .map(([name = '', value = '']) => `${name.padEnd(10)} ${value}`)
      .join('\n'),
  )
}
