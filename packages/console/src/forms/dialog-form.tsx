import type { UseMutationResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { Actions } from '../ui/dialog.tsx'
import { FormError } from './form-error.tsx'

interface DialogFormProps {
  /** What is done with it. */
  readonly sending: Pick<UseMutationResult<unknown, Error, void>, 'mutate' | 'isPending' | 'isError' | 'error'>
  /** What the button says. */
  readonly submit: string
  /** False while a field says what is wrong in it. */
  readonly isReady?: boolean
  /** Why it cannot be sent as it is. */
  readonly disabledBecause?: string | false | undefined
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A form in a dialog: sent once at a time, with what the server says against it, and a way out. */
export function DialogForm({ sending, submit, isReady = true, disabledBecause, onClose, children }: DialogFormProps) {
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady && typeof disabledBecause !== 'string' && !sending.isPending) sending.mutate()
      }}
    >
      {children}
      {sending.isError && <FormError error={sending.error} />}
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={sending.isPending} disabledBecause={disabledBecause}>
          {submit}
        </Button>
      </Actions>
    </form>
  )
}
