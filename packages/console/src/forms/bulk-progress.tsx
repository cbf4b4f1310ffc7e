import type { BulkJob } from '../api/bulk.ts'
import { formatNumber } from '../lib/format-bytes.ts'
import { Button } from '../ui/button.tsx'
import { Actions } from '../ui/dialog.tsx'
import { Progress } from '../ui/progress.tsx'

interface BulkProgressProps {
  /** Undefined until the server has said how far it is. */
  readonly job: BulkJob | undefined
  /** How many there were when it was asked for. */
  readonly total: number
  readonly onStop: (() => void) | undefined
  readonly onClose: () => void
}

/** How far an operation over many is. */
export function BulkProgress({ job, total, onStop, onClose }: BulkProgressProps) {
  const ended = job === undefined ? 0 : job.done + job.failed
  const all = Math.max(total, job?.total ?? 0)
  return (
    <div className="flex flex-col gap-4">
      <Progress label="Done so far" share={job === undefined ? undefined : ended / Math.max(1, all)} />
      <p role="status" className="tabular">
        {formatNumber(ended)} of {formatNumber(all)}
        {job !== undefined && job.failed > 0 && `, ${formatNumber(job.failed)} of them failed`}
      </p>
      <p className="text-muted">It goes on at the server when this is closed, and when the page is.</p>
      <Actions>
        <Button look="danger" disabledBecause={onStop === undefined && 'It is being begun.'} onClick={onStop}>
          Stop
        </Button>
        <Button onClick={onClose}>Close</Button>
      </Actions>
    </div>
  )
}
