import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { type Account, refreshAccounts } from '../api/accounts.ts'
import { client } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { readGib, writeGib } from '../lib/read-gib.ts'
import { Button } from '../ui/button.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { type AccountDraft, AccountFields, quotaWords } from './account-fields.tsx'

interface ChangeAccountProps {
  /** Which one; undefined while none is being changed. */
  readonly account: Account | undefined
  readonly onClose: () => void
}

/** Changes the name, the quotas and the public content of an account. */
export function ChangeAccount({ account, onClose }: ChangeAccountProps) {
  return (
    <Dialog isOpen={account !== undefined} onClose={onClose} title="Change account" description={account?.email}>
      {account !== undefined && <ChangeForm account={account} onDone={onClose} />}
    </Dialog>
  )
}

function ChangeForm({ account, onDone }: { readonly account: Account; readonly onDone: () => void }) {
  const [draft, setDraft] = useState<AccountDraft>({
    name: account.name,
    quota: writeGib(account.quotaBytes),
    publicContent: account.publicContent,
  })
  // What is not touched stays as it is, to the byte.
  const quotaBytes = draft.quota === writeGib(account.quotaBytes) ? account.quotaBytes : readGib(draft.quota)
  const [egress, setEgress] = useState(writeGib(account.egressQuotaBytes))
  const egressQuotaBytes = egress === writeGib(account.egressQuotaBytes) ? account.egressQuotaBytes : readGib(egress)
  const change = useMutation({
    mutationFn: () => {
      const { name, publicContent } = draft
      const body = { name: name.trim(), quotaBytes, egressQuotaBytes, publicContent }
      return client.call(routes.accountsUpdate, { params: { id: account.id }, body })
    },
    async onSuccess() {
      await refreshAccounts()
      onDone()
    },
  })
  const isBelow = typeof quotaBytes === 'number' && quotaBytes < account.usedBytes
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (quotaBytes !== undefined && egressQuotaBytes !== undefined && !change.isPending) change.mutate()
      }}
    >
      <AccountFields draft={draft} onChange={setDraft} quotaError={quotaBytes === undefined ? quotaWords : undefined} />
      <Field
        label="Served a month, in GiB"
        hint="How much the gateway serves for it in a calendar month (UTC). Empty: no limit."
        error={egressQuotaBytes === undefined ? quotaWords : undefined}
      >
        <TextInput inputMode="decimal" value={egress} onChange={({ target }) => setEgress(target.value)} />
      </Field>
      {isBelow && (
        <Notice tone="warn">
          <p>This is less than the account uses now. Its files stay; it cannot upload until it uses less.</p>
        </Notice>
      )}
      {change.error !== null && (
        <Notice tone="danger" isUrgent>
          <p>{messageOf(change.error)}</p>
        </Notice>
      )}
      <Actions>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" look="primary" isBusy={change.isPending}>
          Save
        </Button>
      </Actions>
    </form>
  )
}
