import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type Name, noticeNamesChanged, type Publication } from '../api/names.ts'
import { Button } from '../ui/button.tsx'
import { Mono } from '../ui/code.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { FormError } from './form-error.tsx'

interface RollBackNameProps {
  readonly name: Name
  readonly to: Publication
  readonly onClose: () => void
}

/** Publishes what a name led to before, again. */
export function RollBackName({ name, to, onClose }: RollBackNameProps) {
  const rollBack = useMutation({
    mutationFn: (confirm: boolean) =>
      client.call(routes.namesRollback, {
        params: { id: name.id },
        body: { sequence: to.sequence, ...(confirm ? { confirm } : {}) },
      }),
    async onSuccess() {
      await noticeNamesChanged()
      onClose()
    },
  })
  const wantsConfirmation = rollBack.error instanceof ApiError && rollBack.error.reason === 'CONFIRMATION_NEEDED'
  return (
    <Dialog isOpen onClose={onClose} title={`Roll back to number ${to.sequence}`}>
      <p>
        {name.label} leads to <Mono>{to.value}</Mono> again, as number {name.sequence + 1}: readers take the highest. It
        can be rolled forward in the same way.
      </p>
      {rollBack.isError && <FormError error={rollBack.error} />}
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" isBusy={rollBack.isPending} onClick={() => rollBack.mutate(wantsConfirmation)}>
          {wantsConfirmation ? 'Roll back all the same' : 'Roll back'}
        </Button>
      </Actions>
    </Dialog>
  )
}
