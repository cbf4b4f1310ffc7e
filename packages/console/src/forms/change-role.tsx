import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { type Member, peopleQuery, roleWords } from '../api/people.ts'
import { sessionQuery } from '../api/session.ts'
import { Choice } from '../ui/choice.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { DialogForm } from './dialog-form.tsx'

interface ChangeRoleProps {
  /** Whose; undefined while nobody's is being changed. */
  readonly member: Member | undefined
  readonly onClose: () => void
}

/** Changes what somebody may do in the account, from their next request on. */
export function ChangeRole({ member, onClose }: ChangeRoleProps) {
  return (
    <Dialog
      isOpen={member !== undefined}
      onClose={onClose}
      title={
        <>
          Role of <bdi>{member?.email}</bdi>
        </>
      }
    >
      {member !== undefined && <ChangeRoleBody member={member} onClose={onClose} />}
    </Dialog>
  )
}

const choices = (['member', 'owner'] as const).map((value) => ({ value, ...roleWords[value] }))

function ChangeRoleBody({ member, onClose }: ChangeRoleProps & { readonly member: Member }) {
  const [role, setRole] = useState(member.role)
  const queryClient = useQueryClient()
  const change = useMutation({
    mutationFn: () => client.call(routes.membersUpdate, { params: { userId: member.userId }, body: { role } }),
    async onSuccess() {
      onClose()
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: peopleQuery.queryKey }),
        // It may have been one's own.
        queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
      ])
    },
  })
  return (
    <DialogForm
      sending={change}
      submit="Change role"
      disabledBecause={role === member.role && 'This is the role already.'}
      onClose={onClose}
    >
      <Choice label="Role" isLabelHidden value={role} options={choices} onChange={setRole} />
    </DialogForm>
  )
}
