import type { Pin } from '../../api/pins.ts'
import { formatBytes } from '../../lib/format-bytes.ts'
import { plural } from '../../lib/plural.ts'
import { Notice } from '../../ui/notice.tsx'
import { Progress } from '../../ui/progress.tsx'
import { Ago } from '../../ui/time.tsx'

/** How far a pin is that is not here yet, what keeps it, and what would help. Nothing for one that is here. */
export function PinProgress({ pin }: { readonly pin: Pin }) {
  const { status, progress, reason } = pin
  if (status === 'pinned') return null
  return (
    <div className="flex flex-col gap-3">
      {status === 'pinning' && (
        <div className="flex max-w-xl flex-col gap-1.5">
          {/* How much there is to come is known only when all of it is here. */}
          <Progress label="Fetching" share={undefined} />
          <p className="tabular">
            {progress.blocks === 0
              ? 'No block is here yet.'
              : `${plural(progress.blocks, 'block')}, ${formatBytes(progress.bytes)} so far.`}
            {progress.lastBlockAt !== null && (
              <span className="text-muted">
                {' '}
                The last one came <Ago iso={progress.lastBlockAt} />.
              </span>
            )}
          </p>
        </div>
      )}
      {reason !== null && (
        <Notice tone={status === 'failed' ? 'danger' : 'warn'}>
          <h2 className="font-medium">{status === 'failed' ? 'Why it failed' : 'What keeps it'}</h2>
          <p className="max-w-prose wrap-anywhere">{reason.message}</p>
          {reason.advice !== null && (
            <>
              <h3 className="font-medium">What would help</h3>
              <p className="max-w-prose wrap-anywhere">{reason.advice}</p>
            </>
          )}
          <p className="text-muted font-mono text-xs">{reason.code}</p>
        </Notice>
      )}
    </div>
  )
}
