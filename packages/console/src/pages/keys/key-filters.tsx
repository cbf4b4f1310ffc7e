import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { keyQuery } from '../../api/keys.ts'
import type { KeysSearch } from '../../paths.ts'
import { Chip } from '../../ui/chip.tsx'
import { Field, TextInput } from '../../ui/field.tsx'
import { FilterChip } from '../../ui/filter-chip.tsx'

interface KeyFiltersProps {
  readonly filter: KeysSearch
  /** `typing`: one of many steps, which going back need not stop at. */
  readonly onChange: (filter: KeysSearch, how: 'typing' | 'choosing') => void
}

const states = ['active', 'exhausted', 'revoked', 'expired'] as const

/** Which keys the list shows: words of the name, and chips. */
export function KeyFilters({ filter, onChange }: KeyFiltersProps) {
  const { state, limited, within } = filter
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
      <NameSearch name={filter.name ?? ''} onChange={(name) => onChange({ ...filter, name }, 'typing')} />
      <div role="group" aria-label="Show only" className="flex flex-wrap gap-2">
        {states.map((each) => (
          <Chip
            key={each}
            label={each}
            isOn={each === state}
            onToggle={(on) => onChange({ ...filter, state: on ? each : undefined }, 'choosing')}
          />
        ))}
        <Chip
          label="limited"
          title="Keys with Max Uses"
          isOn={limited === true}
          onToggle={(on) => onChange({ ...filter, limited: on || undefined }, 'choosing')}
        />
        <Chip
          label="unlimited"
          title="Keys without Max Uses"
          isOn={limited === false}
          onToggle={(on) => onChange({ ...filter, limited: on ? false : undefined }, 'choosing')}
        />
      </div>
      {within !== undefined && (
        <Within id={within} onRemove={() => onChange({ ...filter, within: undefined }, 'choosing')} />
      )}
    </div>
  )
}

interface NameSearchProps {
  readonly name: string
  readonly onChange: (name: string | undefined) => void
}

function NameSearch({ name, onChange }: NameSearchProps) {
  const [text, setText] = useState(name)
  const input = useRef<HTMLInputElement>(null)
  // The address changed elsewhere: going back, or all filters taken off. Not under the hands of who types.
  useEffect(() => {
    if (document.activeElement !== input.current) setText(name)
  }, [name])
  useEffect(() => {
    if (text === name) return
    const timer = setTimeout(() => onChange(text === '' ? undefined : text), 200)
    return () => clearTimeout(timer)
  }, [text, name, onChange])
  return (
    <Field label="Search by name" isLabelHidden className="w-full sm:w-64">
      <TextInput
        ref={input}
        type="search"
        dir="auto"
        value={text}
        maxLength={1_024}
        placeholder="Search by name"
        onChange={(event) => setText(event.target.value)}
      />
    </Field>
  )
}

interface WithinProps {
  readonly id: string
  readonly onRemove: () => void
}

/** The list shows only keys below one, however deep. */
function Within({ id, onRemove }: WithinProps) {
  const { data } = useQuery(keyQuery(id))
  return <FilterChip name={`Below ${data?.name ?? id}`} onRemove={onRemove} />
}
