import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { client } from '../api/client.ts'
import { noticeKeysChanged } from '../api/keys.ts'
import { type Member, peopleQuery } from '../api/people.ts'
import { sessionQuery } from '../api/session.ts'
import { Confirm } from '../ui/confirm.tsx'
import { LabelledCheckbox } from '../ui/toggle.tsx'
import { FormError } from './form-error.tsx'

interface RemoveMemberProps {
  /** Whom; undefined while nobody is being removed. */
  readonly member: Member | undefined
  readonly isSelf: boolean
  readonly onClose: () => void
}

/** Takes somebody out of the account and ends their sessions in it; the keys they made, where that is wanted. */
export function RemoveMember({ member, isSelf, onClose }: RemoveMemberProps) {
  const queryClient = useQueryClient()
  const [revokeKeys, setRevokeKeys] = useState(false)
  const checkboxId = useId()
  const remove = useMutation({
    mutationFn: (userId: string) =>
      client.call(routes.membersRemove, { params: { userId }, query: { revokeKeys: revokeKeys || undefined } }),
    async onSuccess() {
      close()
      if (revokeKeys) await noticeKeysChanged()
      // Whoever took themselves out is signed out, and finds out by asking.
      if (isSelf) await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
      else await queryClient.invalidateQueries({ queryKey: peopleQuery.queryKey })
    },
  })
  const close = () => {
    remove.reset()
    setRevokeKeys(false)
    onClose()
  }
  return (
    <Confirm
      isOpen={member !== undefined}
      onClose={close}
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
      <p>Files stay. A new invite lets {isSelf ? 'you' : 'them'} in again.</p>
      <LabelledCheckbox
        id={checkboxId}
        checked={revokeKeys}
        onChange={setRevokeKeys}
        label={isSelf ? 'Revoke the keys that you made' : 'Revoke the keys that they made'}
      />
      <p className="text-table text-muted">
        Left as they are, these keys go on working for this account. Revoked, the next request with them is refused.
      </p>
    </Confirm>
  )
}
