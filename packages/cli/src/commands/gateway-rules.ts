import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { bytesText, fields, timeText } from '../output.ts'
import { readByteCount } from '../byte-count.ts'
import { getGateway } from './gateways.ts'

/** Shows what a gateway serves in a month and what it does with pages, after changing what is given of it. */
export async function gatewayRules(
  context: Context,
  which: string,
  { egressQuota, html }: { readonly egressQuota?: string; readonly html?: string },
): Promise<void> {
  if (html !== undefined && html !== 'sandbox' && html !== 'domains' && html !== 'refuse')
    throw new UsageError('--html is sandbox, domains or refuse.')
  const egressQuotaBytes =
    egressQuota === undefined ? undefined : egressQuota === 'none' ? null : readByteCount(egressQuota)
  const { id, domain } = await getGateway(context, which)
  const client = await context.client()
  const asked = { params: { id }, signal: context.signal }
  const isChange = html !== undefined || egressQuotaBytes !== undefined
  const rules = isChange
    ? await client.call(routes.gatewaysSetRules, { ...asked, body: { html, egressQuotaBytes } })
    : await client.call(routes.gatewaysRules, asked)
  const { month, usedBytes, quotaBytes, resetsAt } = rules.egress
  context.out.result(rules, () =>
    fields([
      ['Gateway', domain],
      [`Served in ${month}`, bytesText(usedBytes)],
      ['Quota a month', quotaBytes === null ? 'none' : bytesText(quotaBytes)],
      ['Counted anew', timeText(resetsAt)],
      ['Pages (HTML)', rules.html],
    ]),
  )
}
