import { formatAgo, formatWhole } from '../lib/format-time.ts'
import { useNow } from '../lib/use-now.ts'

/** A moment as people say it, whole on hover. */
export function Ago({ iso }: { readonly iso: string }) {
  const now = useNow()
  return (
    <time dateTime={iso} title={formatWhole(iso)} className="whitespace-nowrap">
      {formatAgo(iso, now)}
    </time>
  )
}
