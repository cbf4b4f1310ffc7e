import { routes } from '@pinyon/contract/routes.ts'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { bulkPinFilterOf, type PinChoice } from '../../api/bulk.ts'
import { toCurl } from '../../api/curl.ts'
import { messageOf } from '../../api/explain.ts'
import { useLive } from '../../api/live.ts'
import { pinningRefused, titleOf } from '../../api/pin-words.ts'
import {
  askPinsAnew,
  countPins,
  type Pin,
  pinEvents,
  type PinFilter,
  pinListQueryOf,
  readPinsSearch,
} from '../../api/pins.ts'
import { useWhoami } from '../../api/session.ts'
import { BulkPins } from '../../forms/bulk-pins.tsx'
import { RemovePins } from '../../forms/remove-pins.tsx'
import { useRetryPin } from '../../forms/retry-pin.ts'
import { copyText } from '../../lib/copy-text.ts'
import { partOf } from '../../lib/load-ahead.ts'
import type { Selection } from '../../lib/use-selection.ts'
import { paths } from '../../paths.ts'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { LiveMark } from '../../ui/live-mark.tsx'
import { Page } from '../../ui/page.tsx'
import { NoMatch, NoPins } from './no-pins.tsx'
import { PinFilters } from './pin-filters.tsx'
import { PinGrid } from './pin-grid.tsx'
import type { PinDeed } from './pin-menu.tsx'
import { PinSelection, type PinTally } from './pin-selection.tsx'

const loadPinByCid = partOf(() => import('../../forms/pin-by-cid.tsx'))
const PinByCid = lazy(async () => ({ default: (await loadPinByCid()).PinByCid }))

/** What is being done, in a dialog. */
type Doing =
  | { readonly kind: 'remove'; readonly pins: readonly Pin[]; readonly selection?: Selection<Pin> }
  /** With all that match, or to try again those that are chosen. */
  | {
      readonly kind: 'many'
      readonly deed: 'remove' | 'retry'
      readonly which: PinChoice
      /** Those that are chosen; of all that match they are not known. */
      readonly pins?: readonly Pin[]
      readonly counts: PinTally
      readonly selection: Selection<Pin>
    }
  /** The browser does not let pages copy. */
  | { readonly kind: 'copy'; readonly pin: Pin }

/** What was asked for by its CID: the queue, what is under way, what is here and what failed. */
export function PinsPage() {
  // The router hands on what the route's own reading left out.
  const search = useSearch({ from: '/signed-in/pins', select: (all) => readPinsSearch({ ...all }) })
  const navigate = useNavigate()
  const refused = pinningRefused(useWhoami())
  const isLive = useLive(pinEvents, askPinsAnew)
  const { status, q } = search
  const filter = useMemo<PinFilter>(
    () => ({ ...(status === undefined ? {} : { status }), ...(q === undefined ? {} : { q }) }),
    [status, q],
  )
  const [doing, setDoing] = useState<Doing>()
  const [done, setDone] = useState('')
  const { mutate: retry, error: retryError, variables: retried } = useRetryPin()
  // Of the list that it was said of, not of another one.
  const [whole, setWhole] = useState<PinFilter>()
  const close = () => setDoing(undefined)
  const beginWith = (deed: 'remove' | 'retry', selection: Selection<Pin>, counts: PinTally | undefined) => {
    const pins = [...selection.rows.values()]
    setDone('')
    if (counts !== undefined)
      setDoing({ kind: 'many', deed, which: { filter: bulkPinFilterOf(filter) }, counts, selection })
    else if (deed === 'remove') setDoing({ kind: deed, pins, selection })
    else
      setDoing({
        kind: 'many',
        deed,
        which: { ids: pins.map(({ id }) => id) },
        pins,
        counts: countPins(pins),
        selection,
      })
  }
  const onDeed = useCallback(
    (deed: PinDeed, pin: Pin) => {
      const copy = async () => {
        if (await copyText(pin.cid)) setDone(`CID of ${titleOf(pin)} copied`)
        else setDoing({ kind: 'copy', pin })
      }
      setDone('')
      if (deed === 'copy-cid') void copy()
      else if (deed === 'remove') setDoing({ kind: deed, pins: [pin] })
      else retry(pin, { onSuccess: () => setDone(`${titleOf(pin)} is tried again now`) })
    },
    [retry],
  )
  const isNarrowed = status !== undefined || q !== undefined
  return (
    <Page
      title="Pins"
      lead="Content that was asked for by its CID: it is fetched from the network, checked block by block, and kept."
      actions={
        <>
          <ApiCall curl={toCurl(routes.pinsPage, { query: pinListQueryOf(filter) })} />
          <Button
            look="primary"
            disabledBecause={refused}
            onClick={() => void navigate(paths.pinsBy({ ...search, add: true }))}
          >
            <Plus />
            Pin by CID
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {refused !== false && <p className="text-muted">{refused}</p>}
        <PinFilters search={search}>
          <p role="status" dir="auto" className="text-muted text-table ml-auto min-w-0 truncate">
            {done}
          </p>
          <LiveMark isLive={isLive} />
        </PinFilters>
        {retryError !== null && retried !== undefined && (
          <p role="alert" className="text-danger break-words">
            <bdi>{titleOf(retried)}</bdi> was not tried again. {messageOf(retryError)}
          </p>
        )}
        <PinGrid
          key={JSON.stringify(filter)}
          filter={filter}
          onDeed={onDeed}
          empty={isNarrowed ? <NoMatch /> : <NoPins refused={refused} />}
          renderChosen={(selection) => (
            <PinSelection
              selection={selection}
              filter={filter}
              isWhole={whole === filter}
              onWhole={(isWhole) => setWhole(isWhole ? filter : undefined)}
              onRemove={(counts) => beginWith('remove', selection, counts)}
              onRetry={(counts) => beginWith('retry', selection, counts)}
            />
          )}
        />
      </div>
      <Suspense>{search.add === true && <PinByCid onClose={() => void navigate(paths.pinsBy(filter))} />}</Suspense>
      {doing?.kind === 'remove' && (
        <RemovePins pins={doing.pins} onClose={close} onRemoved={(pins) => doing.selection?.remove(pins)} />
      )}
      {doing?.kind === 'many' && (
        <BulkPins
          kind={doing.deed}
          which={doing.which}
          pins={doing.pins}
          counts={doing.counts}
          onClose={close}
          onDone={(words) => {
            setDone(words)
            setWhole(undefined)
            doing.selection.clear()
          }}
        />
      )}
      {doing?.kind === 'copy' && (
        <Dialog isOpen onClose={close} title="Copy the CID" description="Press Ctrl or ⌘ and C.">
          <CopyField label="CID" value={doing.pin.cid} />
        </Dialog>
      )}
    </Page>
  )
}
