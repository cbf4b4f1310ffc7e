import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { cidIn } from '../../api/cid-in.ts'
import { shorten } from '../../lib/shorten.ts'
import { type NamesSearch, paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Field, TextInput } from '../../ui/field.tsx'
import { FilterChip } from '../../ui/filter-chip.tsx'

/** Which names the list shows: those that lead to a CID. It stands in the address. */
export function NameFilter({ search: { cid } }: { readonly search: NamesSearch }) {
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const typed = text.trim()
    if (typed === '') return
    void navigate(paths.namesBy({ cid: cidIn(typed) ?? typed }))
    setText('')
  }
  return (
    <div className="flex flex-wrap items-center gap-3">
      <form className="flex min-w-0 gap-2" onSubmit={submit}>
        <Field label="Find those that lead to a CID" isLabelHidden className="min-w-0 sm:w-72">
          <TextInput
            type="search"
            placeholder="Leads to CID"
            maxLength={1_024}
            spellCheck={false}
            value={text}
            onChange={({ target }) => setText(target.value)}
          />
        </Field>
        <Button type="submit">Find</Button>
      </form>
      {cid !== undefined && (
        <FilterChip
          name={`Leads to ${shorten(cid, { head: 12, tail: 6 })}`}
          onRemove={() => void navigate(paths.names)}
        />
      )}
    </div>
  )
}
