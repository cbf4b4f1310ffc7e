import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type Member, peopleQuery } from '../api/people.ts'
import { sessionQuery } from '../api/session.ts'
import { Confirm } from '../ui/confirm.tsx'
import { FormError } from './form-error.tsx'

interface RemoveMemberProps {
  /** Whom; undefined while nobody is being removed. */
  readonly member: Member | undefined
  readonly isSelf: boolean
  readonly onClose: () => void
}

/** Takes somebody out of the account and ends their sessions in it. */
export function RemoveMember({ member, isSelf, onClose }: RemoveMemberProps) {
  const queryClient = useQueryClient()
  const remove = useMutation({
    mutationFn: (userId: string) => client.call(routes.membersRemove, { params: { userId } }),
    async onSuccess() {
      onClose()
      // Whoever took themselves out is signed out, and finds out by asking.
      if (isSelf) await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
      else await queryClient.invalidateQueries({ queryKey: peopleQuery.queryKey })
    },
  })
  return (
    <Confirm
      isOpen={member !== undefined}
      onClose={() => {
        remove.reset()
        onClose()
      }}
      title={isSelf ? 'Leave this account' : 'Remove from this account'}
      action={isSelf ? 'Leave' : 'Remove'}
      isBusy={remove.isPending}
      onConfirm={() => member !== undefined && remove.mutate(member.userId)}
      error={remove.isError && <FormError error={remove.error} />}
    >
      <p className="break-words">
        <bdi className="font-medium">{member?.email}</bdi> {isSelf ? '(you) loses' : 'loses'} this account at once and
        is signed out of it.
      </p>
      <p>
        Files stay, and so do the keys they made: revoke those under Keys if they must stop. A new invite lets them in
        again.
      </p>
    </Confirm>
  )
}
