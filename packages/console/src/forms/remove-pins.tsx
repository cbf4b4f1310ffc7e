import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { removalMeanings, removalWords, titleOf } from '../api/pin-words.ts'
import { countPins, type Pin, refreshPins } from '../api/pins.ts'
import { plural } from '../lib/plural.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Progress } from '../ui/progress.tsx'
import { endEach } from './end-each.ts'
import { FailureList } from './failure-list.tsx'

interface RemovePinsProps {
  readonly pins: readonly Pin[]
  readonly onClose: () => void
  /** Told which are gone, as soon as some are. */
  readonly onRemoved: (pins: readonly Pin[]) => void
}

/** Asks, then cancels, unpins or removes one pin or many; what could not be removed is named with the reason. */
export function RemovePins({ pins, onClose, onRemoved }: RemovePinsProps) {
  const [left, setLeft] = useState(pins)
  const [doneCount, setDoneCount] = useState(0)
  const remove = useMutation({
    async mutationFn() {
      setDoneCount(0)
      const end = ({ id }: Pin) => client.call(routes.psaRemove, { params: { requestid: id } })
      return endEach(left, end, setDoneCount)
    },
    async onSuccess({ done, failures }) {
      if (done.length > 0) onRemoved(done)
      await refreshPins()
      if (failures.length === 0) onClose()
      else setLeft(failures.map(({ item }) => item))
    },
  })
  const [first] = left
  const failures = remove.data?.failures ?? []
  const verb = left.length === 1 && first !== undefined ? removalWords[first.status].verb : 'Remove'
  return (
    <Confirm
      isOpen
      onClose={() => remove.isPending || onClose()}
      title={`${verb} ${left.length === 1 && first !== undefined ? titleOf(first) : plural(left.length, 'pin')}?`}
      // The other button says Cancel.
      action={failures.length > 0 ? 'Try again' : verb === 'Cancel' ? 'Cancel the pin' : verb}
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate()}
      {...(pins.filter(isPinned).length > 1 ? { typed: `remove ${pins.length}` } : {})}
      error={
        <>
          {remove.isPending && left.length > 1 && <Progress label="Removed so far" share={doneCount / left.length} />}
          {failures.length > 0 && !remove.isPending && (
            <FailureList title={`${failures.length} of ${pins.length} could not be removed`} failures={failures} />
          )}
        </>
      }
    >
      {removalMeanings(countPins(left)).map((words) => (
        <p key={words}>{words}</p>
      ))}
      {left.some(isPinned) ? (
        <>
          <p>Copies that others already made stay out there.</p>
          <p className="text-muted">This cannot be taken back.</p>
        </>
      ) : (
        <p className="text-muted">{left.length === 1 ? 'It' : 'They'} can be asked for again.</p>
      )}
    </Confirm>
  )
}

function isPinned({ status }: Pin): boolean {
  return status === 'pinned'
}
