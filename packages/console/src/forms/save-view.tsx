import { useState } from 'react'
import { mostViews, type SavedView, useSavedViews } from '../api/saved-views.ts'
import { offerUndo } from '../lib/undo.ts'
import { Button } from '../ui/button.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'

interface SaveViewProps {
  readonly search: SavedView['search']
  readonly onClose: () => void
}

/** Keeps what the list is narrowed to under a name, in this browser. */
export function SaveView({ search, onClose }: SaveViewProps) {
  const { views, save, remove } = useSavedViews()
  const [typed, setTyped] = useState('')
  const name = typed.trim()
  const before = views.find((view) => view.name === name)
  const isFull = before === undefined && views.length >= mostViews
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Save this view"
      description="Network, search and filters, kept in this browser."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (name === '' || isFull) return
          save({ name, search })
          offerUndo({
            words: `View ${name} saved`,
            undo: async () => (before === undefined ? remove(name) : save(before)),
          })
          onClose()
        }}
      >
        <Field label="Name" hint={before === undefined ? undefined : 'The view of this name gives way.'}>
          <TextInput dir="auto" maxLength={100} value={typed} onChange={(event) => setTyped(event.target.value)} />
        </Field>
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            disabledBecause={
              (name === '' && 'Give it a name first.') ||
              (isFull && `There are ${mostViews} views already: remove one first.`)
            }
          >
            Save
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
