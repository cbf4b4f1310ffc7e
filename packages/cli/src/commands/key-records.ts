import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { safeText, table, timeText } from '../output.ts'
import { findKey } from './keys.ts'

/** Shows what a key was refused, the latest first. */
export async function showRefusals(context: Context, which: string): Promise<void> {
  const client = await context.client()
  const { id } = await findKey(context, which)
  const { refusals } = await client.call(routes.keysRefusals, { params: { id }, signal: context.signal })
  context.out.result(refusals, () =>
    refusals.length === 0
      ? 'It was refused nothing.'
      : table(
          ['LAST', 'TIMES', 'ROUTE', 'REASON', 'WOULD ALLOW IT'],
          refusals.map(({ lastAt, count, route, reason, scope }) => [
            timeText(lastAt),
            String(count),
            route === null ? '' : `${route.method} ${route.path}`,
            reason,
            scope ?? '',
          ]),
        ),
  )
}

/** Shows what a key may do and has not done for ninety days. */
export async function showAdvice(context: Context, which: string): Promise<void> {
  const client = await context.client()
  const { id, name, publicPart } = await findKey(context, which)
  const advice = await client.call(routes.keysAdvice, { params: { id }, signal: context.signal })
  context.out.result(advice, () => {
    const { days, observedDays, used, unused } = advice
    const since = observedDays < days ? ` (its uses are known of ${observedDays} of these days)` : ''
    const head = `In the last ${days} days${since} "${safeText(name)}" used:\n  ${used.join(', ') || 'nothing'}`
    if (unused.length === 0) return `${head}\nThat is all that it may do.`
    if (used.length === 0)
      return `${head}\nIt may do this:\n  ${unused.join(', ')}\nWhen nobody needs it, end it:\n  ./pinyon keys revoke ${publicPart}`
    return `${head}\nIt may also do this, and did not:\n  ${unused.join(', ')}\nThis makes a key with what it used:\n  ./pinyon keys create NAME ${used.map((scope) => `--scope ${scope}`).join(' ')}`
  })
}

/** Shows the uses of a key by day and by operation. */
export async function showUses(context: Context, which: string, options: { readonly days?: string }): Promise<void> {
  if (options.days !== undefined && !/^[1-9]\d{0,2}$/.test(options.days))
    throw new UsageError('--days wants a whole number from 1 to 400.')
  const client = await context.client()
  const { id } = await findKey(context, which)
  const query = options.days === undefined ? {} : { days: options.days }
  const uses = await client.call(routes.keysUses, { params: { id }, query, signal: context.signal })
  context.out.result(uses, () => {
    const days = uses.days.filter((day) => day.uses > 0)
    if (days.length === 0) return 'It was not used.'
    const byDay = table(['DAY', 'USES'], days.map(({ day, uses: count }) => [day, String(count)])) // prettier-ignore
    return `${byDay}\n\n${table(['OPERATION', 'USES'], uses.routes.map(({ route, uses: count }) => [route, String(count)]))}` // prettier-ignore
  })
}
