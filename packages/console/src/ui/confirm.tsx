import { type ReactNode, useId, useState } from 'react'
import { Button } from './button.tsx'
import { Actions, Dialog } from './dialog.tsx'
import { Field, TextInput } from './field.tsx'

interface ConfirmProps {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  /** What will happen, and what cannot be taken back. */
  readonly children: ReactNode
  /** What the button says: the deed, not "OK". */
  readonly action: string
  readonly onConfirm: () => void
  readonly isBusy: boolean
  /** What went wrong, in words. */
  readonly error?: ReactNode
  /** Typed out before the button works; asked only where more than one thing is destroyed. */
  readonly typed?: string
}

/** Asks before something that cannot be taken back. */
export function Confirm(props: ConfirmProps) {
  const { isOpen, onClose, title } = props
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={title}>
      <ConfirmBody {...props} />
    </Dialog>
  )
}

/** Mounted with each opening, so that what was typed is forgotten. */
function ConfirmBody({ onClose, children, action, onConfirm, isBusy, error, typed }: ConfirmProps) {
  const [text, setText] = useState('')
  const bodyId = useId()
  const isUntyped = typed !== undefined && text !== typed
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isUntyped && !isBusy) onConfirm()
      }}
    >
      <div id={bodyId} className="flex flex-col gap-2">
        {children}
      </div>
      {typed !== undefined && (
        <Field label={`Type ${typed} to go on`}>
          <TextInput value={text} onChange={(event) => setText(event.target.value)} spellCheck={false} />
        </Field>
      )}
      {error}
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          look="danger"
          isBusy={isBusy}
          disabledBecause={isUntyped && `Type ${typed} first.`}
          aria-describedby={bodyId}
        >
          {action}
        </Button>
      </Actions>
    </form>
  )
}
