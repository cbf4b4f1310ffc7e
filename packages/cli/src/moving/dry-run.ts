import type { Context } from '../context.ts'
import { safeText, table } from '../output.ts'
import type { ImportItem } from './import-item.ts'
import { presentOutcome } from './present-outcome.ts'

/** Says what would be imported. Nothing is sent. */
export function dryRun(context: Context, items: readonly ImportItem[]): void {
  const shown = items.map((item) => presentOutcome({ item, state: 'listed' }))
  context.out.result({ items: shown }, () =>
    [
      table(
        ['NETWORK', 'CREATED', 'NAME', 'CID'],
        items.map(({ network, createdAt, name, cid }) => [
          network,
          safeText(createdAt ?? '-'),
          safeText(name ?? '-'),
          safeText(cid),
        ]),
      ),
      `${items.length} files would be imported. Nothing was sent.`,
    ].join('\n'),
  )
}
