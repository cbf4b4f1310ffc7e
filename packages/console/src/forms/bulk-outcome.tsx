import type { BulkEnd } from '../api/bulk.ts'
import { formatNumber } from '../lib/format-bytes.ts'
import { Button } from '../ui/button.tsx'
import { Mono } from '../ui/code.tsx'
import { Actions } from '../ui/dialog.tsx'
import { SaveCsv } from '../ui/save-csv.tsx'

interface BulkOutcomeProps {
  readonly end: BulkEnd
  /** What was done, such as "unpinned". */
  readonly deed: string
  readonly onClose: () => void
}

const mostShown = 100

/** What became of an operation over many: how many were done, and each that was not, with the reason. */
export function BulkOutcome({ end: { doneCount, failures, isCancelled }, deed, onClose }: BulkOutcomeProps) {
  return (
    <div className="flex flex-col gap-4">
      <p role="status">
        {formatNumber(doneCount)} {deed}.{isCancelled && ' It was stopped: the rest is as it was.'}
      </p>
      {failures.length > 0 && (
        <div role="alert" className="text-danger flex flex-col gap-2">
          <p className="font-medium">{formatNumber(failures.length)} could not be:</p>
          <ul className="text-table max-h-40 overflow-y-auto">
            {failures.slice(0, mostShown).map(({ item, name, message }) => (
              <li key={item} className="break-words">
                {name !== null && (
                  <>
                    <bdi className="font-medium">{name}</bdi>{' '}
                  </>
                )}
                <Mono>{item}</Mono>: {message ?? 'It was not done.'}
              </li>
            ))}
          </ul>
          {failures.length > mostShown && <p>The file has all of them.</p>}
          <SaveCsv
            name={`not-${deed}.csv`}
            rows={[
              ['id', 'name', 'reason', 'message'],
              ...failures.map(({ item, name, reason, message }) => [item, name ?? '', reason ?? '', message ?? '']),
            ]}
          />
        </div>
      )}
      <Actions>
        <Button onClick={onClose}>Close</Button>
      </Actions>
    </div>
  )
}
