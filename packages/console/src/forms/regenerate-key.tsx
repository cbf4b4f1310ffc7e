import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { type KeyDetail, noticeKeysChanged } from '../api/keys.ts'
import { formatDayAndTime } from '../lib/format-time.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { type Expiry, findExpiryProblem, presentExpiry } from './expiry.ts'
import { ExpiryField } from './expiry-field.tsx'
import { FormError } from './form-error.tsx'
import { NewValues } from './new-values.tsx'

const overlaps = [
  { value: '0', label: 'At once', hint: 'For values that leaked. Programs fail until they have the new ones.' },
  { value: '3600', label: 'In 1 hour' },
  { value: '86400', label: 'In 1 day' },
  { value: '604800', label: 'In 7 days' },
] as const

interface RegenerateKeyProps {
  readonly keyDetail: KeyDetail
  readonly onClose: () => void
}

/** Gives a key a new secret and JWT, and shows them once. */
export function RegenerateKey({ keyDetail: key, onClose }: RegenerateKeyProps) {
  const [overlap, setOverlap] = useState<(typeof overlaps)[number]['value']>('0')
  const [expiry, setExpiry] = useState<Expiry>({ kind: key.state === 'expired' ? 'year' : 'keep', date: '' })
  const [isTried, setTried] = useState(false)
  const [now] = useState(() => Date.now())
  // As when a key is made: in no cache.
  const [created, setCreated] = useState<AnswerOf<typeof routes.keysRegenerate>>()
  const regenerate = useMutation({
    mutationFn: async () => {
      const body = { overlapSeconds: Number(overlap), ...presentExpiry(expiry) }
      setCreated(await client.call(routes.keysRegenerate, { params: { id: key.id }, body }))
    },
    onSuccess: noticeKeysChanged,
  })
  if (created !== undefined) return <NewValues created={created} name={key.name} onDone={onClose} />
  const problem = findExpiryProblem(expiry, now)
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={
        <>
          Regenerate <bdi>{key.name}</bdi>
        </>
      }
      description="It gets a new secret and a new JWT. Its Pinata API Key, name, permissions and uses stay as they are."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (problem === undefined && !regenerate.isPending) regenerate.mutate()
        }}
      >
        <Choice label="The old secret and JWT stop" value={overlap} options={overlaps} onChange={setOverlap} />
        <ExpiryField
          value={expiry}
          kinds={[...(key.state === 'expired' ? [] : (['keep'] as const)), 'day', 'month', 'year', 'date']}
          onChange={setExpiry}
          error={isTried || expiry.date !== '' ? problem : undefined}
          now={now}
          hint={key.expiresAt === null ? 'It does not expire.' : `Ends on ${formatDayAndTime(key.expiresAt)}.`}
        />
        <p>{sayWhatStops(Number(overlap), now)}</p>
        {regenerate.error !== null && <FormError error={regenerate.error} />}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={regenerate.isPending}>
            Regenerate key
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

function sayWhatStops(overlapSeconds: number, now: number): string {
  if (overlapSeconds === 0) return 'Requests with the old secret or the old JWT are refused from the next one on.'
  const end = formatDayAndTime(new Date(now + overlapSeconds * 1_000).toISOString())
  return `Old and new both work until ${end}. Then requests with the old secret or the old JWT are refused.`
}
