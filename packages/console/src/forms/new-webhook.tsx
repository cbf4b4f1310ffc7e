import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { noticeWebhooksChanged } from '../api/webhooks.ts'
import { Button } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { FormError } from './form-error.tsx'
import { type WebhookDraft, WebhookFields } from './webhook-fields.tsx'

interface NewWebhookProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Makes a webhook, and shows its secret, once. */
export function NewWebhook({ isOpen, onClose }: NewWebhookProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="New webhook">
      <Body onClose={onClose} />
    </Dialog>
  )
}

/** Mounted with each opening, so that the secret is forgotten with the dialog. */
function Body({ onClose }: Pick<NewWebhookProps, 'onClose'>) {
  const [draft, setDraft] = useState<WebhookDraft>({ url: '', name: '', kinds: null })
  const [made, setMade] = useState<AnswerOf<typeof routes.webhooksCreate>>()
  const create = useMutation({
    async mutationFn() {
      const { url, name, kinds } = draft
      const body = { url: url.trim(), name: name.trim(), kinds: kinds === null ? null : [...kinds] }
      setMade(await client.call(routes.webhooksCreate, { body }))
    },
    gcTime: 0,
    onSuccess: noticeWebhooksChanged,
  })
  if (made !== undefined) {
    return (
      <>
        <p>
          The other side checks with this secret that a message is ours (Standard Webhooks). It is shown only now; if
          you lose it, make a new one on the webhook’s page.
        </p>
        <CopyField label="Secret" value={made.secret} />
        <Actions>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </Actions>
      </>
    )
  }
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!create.isPending && !isEmpty(draft)) create.mutate()
      }}
    >
      <WebhookFields draft={draft} onChange={setDraft} />
      {create.isError && <FormError error={create.error} />}
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          isBusy={create.isPending}
          disabledBecause={isEmpty(draft) && 'Choose at least one kind.'}
        >
          Make webhook
        </Button>
      </Actions>
    </form>
  )
}

function isEmpty({ kinds }: WebhookDraft): boolean {
  return kinds !== null && kinds.length === 0
}
