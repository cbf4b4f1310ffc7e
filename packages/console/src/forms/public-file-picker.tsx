import { routes } from '@pinyon/contract/routes.ts'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { client } from '../api/client.ts'
import { type File, listQueryOf } from '../api/files.ts'
import { shorten } from '../lib/shorten.ts'
import { useDebounced } from '../lib/use-debounced.ts'
import { Field, TextInput } from '../ui/field.tsx'
import { Late } from '../ui/late.tsx'
import { FormError } from './form-error.tsx'

interface PublicFilePickerProps {
  readonly chosen: File | undefined
  readonly onChoose: (file: File) => void
}

/** Files that are shown at once; others are found by more of their name. */
const shown = 8

/** Chooses one of the account's public files by a part of its name or its CID. */
export function PublicFilePicker({ chosen, onChoose }: PublicFilePickerProps) {
  const group = useId()
  const [text, setText] = useState('')
  const settled = useDebounced(text)
  const { data: files, error } = useQuery({
    queryKey: ['files', 'pick', settled],
    async queryFn({ signal }) {
      const query = { ...listQueryOf({ network: 'public', text: settled }), limit: shown }
      return (await client.call(routes.filesList, { params: { network: 'public' }, query, signal })).data.files
    },
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <Field
        label="Find a public file"
        hint="Part of its name, or its CID. Whoever follows a name must be able to read the file."
      >
        <TextInput type="search" dir="auto" value={text} onChange={({ target }) => setText(target.value)} />
      </Field>
      {error !== null && <FormError error={error} />}
      {files === undefined && error === null && <Late />}
      {files !== undefined && (
        <fieldset className="flex min-w-0 flex-col gap-1">
          <legend className="mb-1 font-medium">File</legend>
          {files.length === 0 && (
            <p className="text-muted">{settled === '' ? 'There is no public file yet.' : 'No public file fits.'}</p>
          )}
          {files.map((file) => (
            <label key={file.id} className="hover:bg-sunken flex cursor-pointer items-start gap-2 rounded px-2 py-1">
              <input
                type="radio"
                name={group}
                className="accent-accent mt-0.5 size-4 shrink-0"
                aria-label={file.name ?? file.cid}
                checked={chosen?.id === file.id}
                onChange={() => onChoose(file)}
              />
              <span className="min-w-0">
                <bdi className="block break-words">{file.name ?? 'Without a name'}</bdi>
                <span className="text-muted block font-mono text-xs" title={file.cid}>
                  {shorten(file.cid, { head: 12, tail: 8 })}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </>
  )
}
