import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { peopleQuery, type PendingInvite } from '../api/people.ts'
import { Confirm } from '../ui/confirm.tsx'
import { FormError } from './form-error.tsx'

interface WithdrawInviteProps {
  /** Which; undefined while none is being withdrawn. */
  readonly invite: PendingInvite | undefined
  readonly onClose: () => void
}

/** Makes the link of an invite worthless. */
export function WithdrawInvite({ invite, onClose }: WithdrawInviteProps) {
  const queryClient = useQueryClient()
  const withdraw = useMutation({
    mutationFn: (id: string) => client.call(routes.inviteWithdraw, { params: { id } }),
    async onSuccess() {
      onClose()
      await queryClient.invalidateQueries({ queryKey: peopleQuery.queryKey })
    },
  })
  return (
    <Confirm
      isOpen={invite !== undefined}
      onClose={() => {
        withdraw.reset()
        onClose()
      }}
      title="Withdraw the invite"
      action="Withdraw"
      isBusy={withdraw.isPending}
      onConfirm={() => invite !== undefined && withdraw.mutate(invite.id)}
      error={withdraw.isError && <FormError error={withdraw.error} />}
    >
      <p className="break-words">
        The link given to <bdi className="font-medium">{invite?.email}</bdi> stops working at once.
      </p>
    </Confirm>
  )
}
