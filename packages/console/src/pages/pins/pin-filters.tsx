import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { statusWords } from '../../api/pin-words.ts'
import { pinList, type PinStatus, pinStatuses } from '../../api/pins.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { useDebounced } from '../../lib/use-debounced.ts'
import { type PinsSearch, paths } from '../../paths.ts'
import { Chip } from '../../ui/chip.tsx'
import { Field, TextInput } from '../../ui/field.tsx'

interface PinFiltersProps {
  readonly search: PinsSearch
  /** Beside the statuses. */
  readonly children: ReactNode
}

/** What the list is narrowed by, all of it in the address: text, and statuses with how many there are of each. */
export function PinFilters({ search, children }: PinFiltersProps) {
  const navigate = useNavigate()
  const { status, q, add } = search
  const filter = { ...(status === undefined ? {} : { status }), ...(q === undefined ? {} : { q }) }
  const [counts, setCounts] = useState<Readonly<Record<PinStatus, number>>>()
  const { data } = useQuery(pinList(filter).pageQuery(undefined))
  // Those of the list before stay while the next is on its way: they are the account's, whatever is looked for.
  if (data !== undefined && data.counts !== counts) setCounts(data.counts)
  const chosen = status?.split(',') ?? []
  const go = (change: { readonly status?: string; readonly q?: string }, replace = false) =>
    void navigate({ ...paths.pinsBy({ ...clean(change), ...(add === undefined ? {} : { add }) }), replace })
  const [text, setText] = useState(q ?? '')
  const settled = useDebounced(text, 250)
  useEffect(() => {
    if (settled !== (q ?? '')) go({ ...filter, q: settled }, true)
    // Only what is typed is followed; what the address says is read once.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [settled])
  useEffect(() => {
    // Somebody went elsewhere; what was typed has become the address otherwise.
    if ((q ?? '') !== settled) setText(q ?? '')
    // oxlint-disable-next-line react/exhaustive-deps
  }, [q])
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <Field label="Search by name or CID" isLabelHidden className="w-full sm:w-72">
        <TextInput
          type="search"
          dir="auto"
          maxLength={1_024}
          placeholder="Search by name or CID"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <div role="group" aria-label="Show only" className="flex flex-wrap gap-2">
        {pinStatuses.map((each) => (
          <Chip
            key={each}
            label={statusWords[each].label}
            isOn={chosen.includes(each)}
            onToggle={() => go({ ...filter, status: toggled(chosen, each) })}
          >
            {counts !== undefined && (
              <span className="tabular text-muted font-normal">{formatNumber(counts[each])}</span>
            )}
          </Chip>
        ))}
      </div>
      {children}
    </div>
  )
}

/** The statuses in their usual order, with one more or one less. */
function toggled(chosen: readonly string[], status: PinStatus): string {
  return pinStatuses.filter((each) => (each === status) !== chosen.includes(each)).join(',')
}

/** An address holds only what narrows. */
function clean({ status, q }: { readonly status?: string; readonly q?: string }): PinsSearch {
  return {
    ...(status === undefined || status === '' ? {} : { status }),
    ...(q === undefined || q.trim() === '' ? {} : { q }),
  }
}
