import { type FormEvent, type ReactNode, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextInput } from '../../ui/field.tsx'

interface WrittenProps {
  readonly onClose: () => void
}

interface KeyvalueFilterProps extends WrittenProps {
  /** As they are now; empty for a new one. */
  readonly pair: { readonly key: string; readonly value: string }
  readonly onDone: (key: string, value: string) => void
}

/** A key-value that the files have. */
export function KeyvalueFilter({ pair, onDone, onClose }: KeyvalueFilterProps) {
  const [key, setKey] = useState(pair.key)
  const [value, setValue] = useState(pair.value)
  return (
    <Written
      isNew={pair.key === ''}
      lacks={key === '' && 'Write a key first.'}
      onDone={() => onDone(key, value)}
      onClose={onClose}
    >
      <TextInput
        // It stands in the place of the button that asked for it.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        dir="auto"
        aria-label="Key"
        placeholder="Key"
        className="h-7! w-32!"
        value={key}
        onChange={({ target }) => setKey(target.value)}
      />
      <TextInput
        dir="auto"
        aria-label="Value"
        placeholder="Value"
        className="h-7! w-32!"
        value={value}
        onChange={({ target }) => setValue(target.value)}
      />
    </Written>
  )
}

interface TypeFilterProps extends WrittenProps {
  readonly value: string
  readonly onDone: (type: string) => void
}

/** Any MIME type. */
export function TypeFilter({ value, onDone, onClose }: TypeFilterProps) {
  const [type, setType] = useState(value)
  return (
    <Written
      isNew={value === ''}
      lacks={type.trim() === '' && 'Write a type first.'}
      onDone={() => onDone(type.trim())}
      onClose={onClose}
    >
      <TextInput
        // It stands in the place of the button that asked for it.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        aria-label="MIME type"
        placeholder="audio/mpeg"
        maxLength={255}
        className="h-7! w-48!"
        value={type}
        onChange={({ target }) => setType(target.value)}
      />
    </Written>
  )
}

interface FormProps extends WrittenProps {
  readonly isNew: boolean
  /** What is missing, in words. */
  readonly lacks: string | false
  readonly onDone: () => void
  readonly children: ReactNode
}

function Written({ isNew, lacks, onDone, onClose, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (lacks !== false) return
    onDone()
    onClose()
  }
  return (
    <form className="flex flex-wrap items-center gap-2" onSubmit={submit}>
      {children}
      <Button type="submit" size="small" disabledBecause={lacks}>
        {isNew ? 'Add filter' : 'Change filter'}
      </Button>
      <Button look="quiet" size="small" onClick={onClose}>
        Cancel
      </Button>
    </form>
  )
}
