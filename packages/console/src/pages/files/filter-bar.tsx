import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { useNavigate } from '@tanstack/react-router'
import { Plus, X } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { readFilesSearch } from '../../api/files.ts'
import { useDebounced } from '../../lib/use-debounced.ts'
import { type FilesSearch, paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { GroupChip, GroupSelect } from './group-filter.tsx'
import { Field, Select, TextInput } from '../../ui/field.tsx'
import { SavedViews } from './saved-views.tsx'

const types = [
  ['', 'Any type'],
  ['directory', 'Folders'],
  ['application/json', 'JSON'],
  ['image/png', 'PNG'],
  ['image/jpeg', 'JPEG'],
  ['video/mp4', 'MP4'],
  ['application/pdf', 'PDF'],
  ['text/plain', 'Text'],
] as const

/** What the list is narrowed by: all of it stands in the address. */
export function FilterBar({ search, network }: { readonly search: FilesSearch; readonly network: NetworkName }) {
  const navigate = useNavigate()
  const go = (change: FilesSearch, replace = false) => void navigate({ ...paths.filesBy(clean(change)), replace })
  const [text, setText] = useState(search.q ?? '')
  const settled = useDebounced(text, 250)
  useEffect(() => {
    if (settled !== (search.q ?? '')) go({ ...search, q: settled }, true)
    // Only what is typed is followed; what the address says is read once.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [settled])
  useEffect(() => {
    // Somebody went elsewhere; what was typed has become the address otherwise.
    if ((search.q ?? '') !== settled) setText(search.q ?? '')
    // oxlint-disable-next-line react/exhaustive-deps
  }, [search.q])
  const keyvalues = search.kv ?? {}
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        <Field label="Search by name or CID" isLabelHidden className="basis-full sm:min-w-48 sm:flex-1 sm:basis-0">
          <TextInput
            type="search"
            dir="auto"
            placeholder="Search by name or CID"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <Field label="Type" isLabelHidden>
          <Select value={search.type ?? ''} onChange={(event) => go({ ...search, type: event.target.value })}>
            {search.type !== undefined && types.every(([type]) => type !== search.type) && (
              <option value={search.type}>{search.type}</option>
            )}
            {types.map(([type, label]) => (
              <option key={type} value={type}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        <GroupSelect
          network={network}
          value={search.group ?? ''}
          onChange={(group) => go({ ...search, network, group })}
        />
        <Field label="Order" isLabelHidden>
          <Select
            value={search.order ?? 'newest'}
            onChange={({ target }) => {
              const { order: _, ...rest } = search
              go(target.value === 'oldest' ? { ...rest, order: 'oldest' } : rest)
            }}
          >
            <option value="newest">Newest first</option>
            <option value="oldest">Oldest first</option>
          </Select>
        </Field>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        {search.group !== undefined && (
          <GroupChip network={network} group={search.group} onRemove={() => go({ ...search, group: '' })} />
        )}
        <ul aria-label="Key-values" className="contents">
          {Object.entries(keyvalues).map(([key, value]) => (
            <li
              key={key}
              className="bg-accent-soft text-accent flex max-w-full items-center gap-1 rounded-full py-0.5 pr-1 pl-3"
            >
              <span dir="auto" className="truncate">
                {key} = {value}
              </span>
              <button
                type="button"
                aria-label={`Remove ${key} = ${value}`}
                className="hover:bg-surface rounded-full p-0.5 [&_svg]:size-3.5"
                onClick={() => {
                  const { [key]: _, ...kv } = keyvalues
                  go({ ...search, kv })
                }}
              >
                <X />
              </button>
            </li>
          ))}
        </ul>
        <AddKeyvalue onAdd={(key, value) => go({ ...search, kv: { ...keyvalues, [key]: value } })} />
        <span className="ml-auto">
          <SavedViews search={readFilesSearch({ ...search, network })} />
        </span>
      </div>
    </div>
  )
}

function AddKeyvalue({ onAdd }: { readonly onAdd: (key: string, value: string) => void }) {
  const [isOpen, setOpen] = useState(false)
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key === '') return
    onAdd(key, value)
    setKey('')
    setValue('')
    setOpen(false)
  }
  if (!isOpen)
    return (
      <Button look="quiet" size="small" onClick={() => setOpen(true)}>
        <Plus />
        Key-value
      </Button>
    )
  return (
    <form className="flex flex-wrap items-center gap-2" onSubmit={submit}>
      <TextInput
        // It stands in the place of the button that asked for it.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        dir="auto"
        aria-label="Key"
        placeholder="Key"
        className="h-7! w-32!"
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <TextInput
        dir="auto"
        aria-label="Value"
        placeholder="Value"
        className="h-7! w-32!"
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <Button type="submit" size="small" disabledBecause={key === '' && 'Write a key first.'}>
        Add filter
      </Button>
      <Button look="quiet" size="small" onClick={() => setOpen(false)}>
        Cancel
      </Button>
    </form>
  )
}

/** An address holds only what narrows. */
function clean({ network, q, kv, type, group, order }: FilesSearch): FilesSearch {
  return {
    ...(network === undefined ? {} : { network }),
    ...(q === undefined || q.trim() === '' ? {} : { q }),
    ...(kv === undefined || Object.keys(kv).length === 0 ? {} : { kv }),
    ...(type === undefined || type === '' ? {} : { type }),
    ...(group === undefined || group === '' ? {} : { group }),
    ...(order === undefined ? {} : { order }),
  }
}
