import type { Pin } from '../../api/pins.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { formatAgo, formatDayAndTime } from '../../lib/format-time.ts'
import { useNow } from '../../lib/use-now.ts'
import { plural } from '../../lib/plural.ts'
import { CopyValue, Fact, FactList } from '../../ui/facts.tsx'

/** What is known of a pin, in words and numbers. */
export function PinFacts({ pin }: { readonly pin: Pin }) {
  const now = useNow(5_000)
  const { status, progress, nextAttemptAt, deadlineAt } = pin
  const isOver = status === 'pinned' || status === 'failed'
  return (
    <FactList>
      <Fact name="Network">Public. Anyone on the IPFS network can read this.</Fact>
      <Fact name="Asked for">{formatDayAndTime(pin.createdAt)}</Fact>
      {pin.sizeBytes !== null && (
        <Fact name="Size">
          {formatBytes(pin.sizeBytes)}
          {pin.sizeBytes >= 1_024 && <span className="text-muted"> ({formatNumber(pin.sizeBytes)} bytes)</span>}
        </Fact>
      )}
      {status !== 'pinned' && (
        <Fact name="Here so far">
          {progress.blocks === 0 ? 'Nothing' : `${plural(progress.blocks, 'block')}, ${formatBytes(progress.bytes)}`}
        </Fact>
      )}
      <Fact name="Attempts">{formatNumber(pin.attempts)}</Fact>
      {!isOver && (
        <>
          <Fact name="Next attempt">{nextAttempt(nextAttemptAt, now)}</Fact>
          <Fact name="Tried until">
            {deadlineAt === null ? 'It is here or cancelled' : `${formatDayAndTime(deadlineAt)}; then it fails`}
          </Fact>
        </>
      )}
      <Fact name="Request id">
        <CopyValue text={pin.id} label="Copy request id" />
      </Fact>
    </FactList>
  )
}

function nextAttempt(at: string | null, now: number): string {
  if (at === null) return 'Under way'
  return Date.parse(at) <= now ? 'Any moment' : `${formatAgo(at, now)} (${formatDayAndTime(at)})`
}
