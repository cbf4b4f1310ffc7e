import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type Name, noticeNamesChanged } from '../api/names.ts'
import { Confirm } from '../ui/confirm.tsx'
import { FormError } from './form-error.tsx'

interface RemoveNameProps {
  readonly name: Name
  readonly onClose: () => void
  readonly onRemoved: () => void
}

/** Removes a name with its key. */
export function RemoveName({ name, onClose, onRemoved }: RemoveNameProps) {
  const remove = useMutation({
    mutationFn: () => client.call(routes.namesDelete, { params: { id: name.id } }),
    onSuccess() {
      // First away from the page of what is gone, or it would ask for it.
      onRemoved()
      void noticeNamesChanged()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title="Remove name"
      action="Remove name"
      isBusy={remove.isPending}
      onConfirm={() => remove.mutate()}
      error={remove.isError && <FormError error={remove.error} />}
    >
      <p className="break-words">
        The gateway follows <bdi className="font-medium">{name.label}</bdi> no more, and its record is not renewed. What
        it leads to stays.
      </p>
      <p>
        Its key goes with it{name.keyExportedAt === null && ', and was never exported'}: without the key nobody can
        publish under this name again, and domains that lead to it lead nowhere.
      </p>
    </Confirm>
  )
}
