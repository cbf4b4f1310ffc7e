import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useEffect, useState } from 'react'
import { readFilesSearch } from '../../api/files.ts'
import { useDebounced } from '../../lib/use-debounced.ts'
import { type FilesSearch, paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { GroupChip, GroupSelect } from './group-filter.tsx'
import { Field, Select, TextInput } from '../../ui/field.tsx'
import { FilterChip } from '../../ui/filter-chip.tsx'
import { KeyvalueFilter, TypeFilter } from './written-filters.tsx'
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

/** A filter that is being written, or written anew. */
type Edited =
  | { readonly kind: 'keyvalue'; readonly key: string; readonly value: string }
  | { readonly kind: 'type'; readonly value: string }

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
  const [edited, setEdited] = useState<Edited>()
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
            <li key={key} className="contents">
              <FilterChip
                name={`${key} = ${value}`}
                onChange={() => setEdited({ kind: 'keyvalue', key, value })}
                onRemove={() => go({ ...search, kv: without(keyvalues, key) })}
              />
            </li>
          ))}
        </ul>
        {search.type !== undefined && (
          <FilterChip
            name={`Type: ${search.type}`}
            onChange={() => setEdited({ kind: 'type', value: search.type ?? '' })}
            onRemove={() => go({ ...search, type: '' })}
          />
        )}
        {edited === undefined && (
          <>
            <Button look="quiet" size="small" onClick={() => setEdited({ kind: 'keyvalue', key: '', value: '' })}>
              <Plus />
              Key-value
            </Button>
            <Button look="quiet" size="small" onClick={() => setEdited({ kind: 'type', value: '' })}>
              <Plus />
              Other type
            </Button>
          </>
        )}
        {edited?.kind === 'keyvalue' && (
          <KeyvalueFilter
            pair={edited}
            onClose={() => setEdited(undefined)}
            onDone={(key, value) => go({ ...search, kv: { ...without(keyvalues, edited.key), [key]: value } })}
          />
        )}
        {edited?.kind === 'type' && (
          <TypeFilter
            value={edited.value}
            onClose={() => setEdited(undefined)}
            onDone={(type) => go({ ...search, type })}
          />
        )}
        <span className="ml-auto">
          <SavedViews search={readFilesSearch({ ...search, network })} />
        </span>
      </div>
    </div>
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

function without(pairs: Readonly<Record<string, string>>, key: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(pairs).filter(([each]) => each !== key))
}
