import type { KeyDetail } from '../../api/keys.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { Progress } from '../../ui/progress.tsx'

/** How often a key was used: `12 of 500` with a thin bar, or `12` where there is no limit. */
export function Uses({ uses, maxUses }: Pick<KeyDetail, 'uses' | 'maxUses'>) {
  if (maxUses === null) return <span className="tabular">{formatNumber(uses)}</span>
  return (
    <div className="flex w-28 flex-col gap-1">
      <span className="tabular whitespace-nowrap">
        {formatNumber(uses)} of {formatNumber(maxUses)}
      </span>
      <Progress label="Uses" share={uses / maxUses} tone={uses >= maxUses ? 'danger' : 'accent'} />
    </div>
  )
}
