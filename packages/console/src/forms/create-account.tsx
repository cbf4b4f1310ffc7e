import { routes } from '@pinyon/contract/routes.ts'
import type { AnswerOf } from '@pinyon/contract/client.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { refreshAccounts } from '../api/accounts.ts'
import { client } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { signUpsQuery } from '../api/sign-up.ts'
import { formatDayAndTime } from '../lib/format-time.ts'
import { readGib, writeGib } from '../lib/read-gib.ts'
import { Button } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Actions, Dialog, Done } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { type AccountDraft, AccountFields, quotaWords } from './account-fields.tsx'

type Made = AnswerOf<typeof routes.accountsCreate>

interface CreateAccountProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Makes an account, and then shows the link for its owner once. */
export function CreateAccount({ isOpen, onClose }: CreateAccountProps) {
  const [made, setMade] = useState<Made>()
  const [isTaken, setTaken] = useState(false)
  const [isWarned, setWarned] = useState(false)
  const close = () => {
    if (made !== undefined && !isTaken && !isWarned) {
      setWarned(true)
      return
    }
    // The link is in this page no longer than it is shown.
    setMade(undefined)
    setTaken(false)
    setWarned(false)
    onClose()
  }
  return (
    <Dialog isOpen={isOpen} onClose={close} title={made === undefined ? 'New account' : 'Account made'}>
      {made === undefined ? (
        <CreateForm onMade={setMade} onCancel={close} />
      ) : (
        <>
          <p>
            Give this link to <bdi className="font-medium break-all">{made.account.email}</bdi>. Whoever opens it
            chooses a password and becomes the owner of{' '}
            <bdi className="font-medium break-words">{made.account.name}</bdi>. It works once, until{' '}
            {formatDayAndTime(made.invite.expiresAt)}, and is shown only now.
          </p>
          <CopyField label="Invite link" value={made.invite.url} onCopied={() => setTaken(true)} />
          {isWarned && (
            <Notice tone="warn" isUrgent>
              <p>The link was not copied, and cannot be shown again. Close once more to leave without it.</p>
            </Notice>
          )}
          <Done onClose={close} />
        </>
      )}
    </Dialog>
  )
}

function CreateForm({ onMade, onCancel }: { readonly onMade: (made: Made) => void; readonly onCancel: () => void }) {
  const [email, setEmail] = useState('')
  const { data } = useQuery(signUpsQuery)
  const [typed, setDraft] = useState<AccountDraft>()
  // Until something is typed, the usual quota stands there.
  const usual = writeGib(data?.defaultQuotaBytes ?? null)
  const draft = typed ?? { name: '', quota: usual, publicContent: 'allowed' as const }
  const quotaBytes = readGib(draft.quota)
  const create = useMutation({
    mutationFn: () => {
      const { name, publicContent } = draft
      return client.call(routes.accountsCreate, { body: { name: name.trim(), email, quotaBytes, publicContent } })
    },
    // The answer holds the link: it is not to stay in a cache.
    gcTime: 0,
    async onSuccess(made) {
      onMade(made)
      await refreshAccounts()
    },
  })
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (quotaBytes !== undefined && !create.isPending) create.mutate()
      }}
    >
      <Field label="E-mail of its owner" hint="Pinyon sends no mail: you pass the link on.">
        <TextInput type="email" required value={email} onChange={({ target }) => setEmail(target.value)} />
      </Field>
      <AccountFields draft={draft} onChange={setDraft} quotaError={quotaBytes === undefined ? quotaWords : undefined} />
      {create.error !== null && (
        <Notice tone="danger" isUrgent>
          <p>{messageOf(create.error)}</p>
        </Notice>
      )}
      <Actions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          Make account
        </Button>
      </Actions>
    </form>
  )
}
