import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type Group, refreshGroups } from '../api/groups.ts'
import { Confirm } from '../ui/confirm.tsx'
import { FormError } from './form-error.tsx'

interface DeleteGroupProps {
  readonly group: Group
  readonly onClose: () => void
  readonly onDeleted?: () => void
}

/** Asks, then deletes a group; its files stay. */
export function DeleteGroup({ group, onClose, onDeleted }: DeleteGroupProps) {
  const { network, id, name } = group
  const end = useMutation({
    mutationFn: () => client.call(routes.groupsDelete, { params: { network, id } }),
    async onSuccess() {
      onDeleted?.()
      await refreshGroups()
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={`Delete the group ${name}?`}
      action="Delete group"
      isBusy={end.isPending}
      onConfirm={() => end.mutate()}
      error={end.isError && <FormError error={end.error} />}
    >
      <p>Its files stay, without a group.</p>
      {network === 'private' && group.is_public && <p>They are read by link only from then on.</p>}
    </Confirm>
  )
}
