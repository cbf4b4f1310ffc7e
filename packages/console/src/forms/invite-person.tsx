import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { peopleQuery, type Role, roleWords } from '../api/people.ts'
import { formatDayAndTime } from '../lib/format-time.ts'
import { Choice } from '../ui/choice.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Dialog, Done } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { DialogForm } from './dialog-form.tsx'

interface InvitePersonProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

type Invite = AnswerOf<typeof routes.membersInvite>['invite']

/** Invites somebody to the account, and shows the link, once. */
export function InvitePerson({ isOpen, onClose }: InvitePersonProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Invite somebody">
      <InviteBody onClose={onClose} />
    </Dialog>
  )
}

/** Mounted with each opening, so that the link is forgotten with the dialog. */
function InviteBody({ onClose }: Pick<InvitePersonProps, 'onClose'>) {
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('member')
  const [made, setMade] = useState<Invite>()
  const queryClient = useQueryClient()
  const invite = useMutation({
    async mutationFn() {
      setMade((await client.call(routes.membersInvite, { body: { email: email.trim(), role } })).invite)
    },
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: peopleQuery.queryKey }),
  })
  if (made !== undefined) {
    return (
      <>
        <p className="break-words">
          Give this link to <bdi className="font-medium">{email}</bdi> yourself; no mail is sent. It is shown only now,
          works once, and is good until {formatDayAndTime(made.expiresAt)}.
        </p>
        <CopyField label="Link" value={made.url} />
        <Done onClose={onClose} />
      </>
    )
  }
  return (
    <DialogForm sending={invite} submit="Make the invite" onClose={onClose}>
      <Field label="E-mail" hint="The one they sign in with, or will.">
        <TextInput type="email" required value={email} onChange={(event) => setEmail(event.target.value)} />
      </Field>
      <Choice label="Role" value={role} options={roleChoices} onChange={setRole} />
    </DialogForm>
  )
}

const roleChoices = (['member', 'owner'] as const).map((value) => ({ value, ...roleWords[value] }))
