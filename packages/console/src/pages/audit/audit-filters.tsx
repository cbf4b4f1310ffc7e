import { useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { auditActions, wordsOf } from '../../api/audit-actions.ts'
import { type AuditSearch, paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Field, Select, TextInput } from '../../ui/field.tsx'

const words = {
  action: 'What',
  actor: 'Who',
  target: 'Target',
  address: 'Address',
  result: 'Result',
  since: 'From',
  until: 'Until',
} as const

const names = Object.keys(words) as (keyof typeof words)[] // as they are written above

/** Which lines the log shows: all of it stands in the address, and as a chip that takes it off. */
export function AuditFilters({ search }: { readonly search: AuditSearch }) {
  const navigate = useNavigate()
  const go = (change: AuditSearch) => void navigate({ ...paths.auditOf(change), replace: true })
  const { action } = search
  const isUnknown = action !== undefined && !auditActions.some((known) => known.action === action)
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-3">
        <Field label="Action" className="w-full sm:w-64">
          <Select value={action ?? ''} onChange={({ target }) => go({ ...search, action: target.value || undefined })}>
            <option value="">All</option>
            {isUnknown && <option value={action}>{action}</option>}
            {auditActions.map((known) => (
              <option key={known.action} value={known.action}>
                {known.label}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Result" className="w-full sm:w-32">
          <Select
            value={search.result ?? ''}
            onChange={({ target: { value } }) =>
              go({ ...search, result: value === 'ok' || value === 'refused' ? value : undefined })
            }
          >
            <option value="">All</option>
            <option value="ok">ok</option>
            <option value="refused">refused</option>
          </Select>
        </Field>
        <Day label="From" value={search.since} onChange={(since) => go({ ...search, since })} />
        <Day label="Until" value={search.until} onChange={(until) => go({ ...search, until })} />
        <Words onAdd={(name, value) => go({ ...search, [name]: value })} />
      </div>
      <Chips search={search} onTakeOff={(name) => go({ ...search, [name]: undefined })} />
    </div>
  )
}

interface DayProps {
  readonly label: string
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
}

function Day({ label, value, onChange }: DayProps) {
  return (
    <Field label={label} className="w-full sm:w-40">
      <TextInput type="date" value={value ?? ''} onChange={({ target }) => onChange(target.value || undefined)} />
    </Field>
  )
}

/** The filters that take a text. */
type Named = 'actor' | 'target' | 'address'

function Words({ onAdd }: { readonly onAdd: (name: Named, value: string) => void }) {
  const [name, setName] = useState<Named>('actor')
  const [value, setValue] = useState('')
  const add = (event: FormEvent) => {
    event.preventDefault()
    if (value.trim() !== '') onAdd(name, value.trim())
    setValue('')
  }
  return (
    <form className="flex w-full flex-wrap items-end gap-2 sm:w-auto" onSubmit={add}>
      <Field label="Find by" className="w-28">
        <Select value={name} onChange={({ target }) => setName(target.value as Named) /* one of the options below */}>
          <option value="actor">Who</option>
          <option value="target">Target</option>
          <option value="address">Address</option>
        </Select>
      </Field>
      <Field label="Its id, kind or address" isLabelHidden className="min-w-0 flex-1 sm:w-56">
        <TextInput
          type="search"
          placeholder={name === 'address' ? '203.0.113.9' : name === 'actor' ? 'id, or machine' : 'id or CID'}
          maxLength={200}
          spellCheck={false}
          value={value}
          onChange={({ target }) => setValue(target.value)}
        />
      </Field>
      <Button type="submit">Add</Button>
    </form>
  )
}

function Chips({
  search,
  onTakeOff,
}: {
  readonly search: AuditSearch
  readonly onTakeOff: (name: keyof AuditSearch) => void
}) {
  const set = names.flatMap((name) => {
    const value = search[name]
    return value === undefined ? [] : [{ name, text: name === 'action' ? wordsOf(value) : value }]
  })
  if (set.length === 0) return null
  return (
    <div role="group" aria-label="Filters" className="flex flex-wrap gap-2">
      {set.map(({ name, text }) => (
        <Button
          key={name}
          size="small"
          aria-label={`Take off the filter ${words[name]}: ${text}`}
          className="bg-accent-soft! border-accent! text-accent max-w-full rounded-full"
          onClick={() => onTakeOff(name)}
        >
          <span className="truncate">
            {words[name]}: <bdi>{text}</bdi>
          </span>
          <X />
        </Button>
      ))}
    </div>
  )
}
