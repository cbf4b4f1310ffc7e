import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { noticeLinksChanged } from '../api/links.ts'
import { formatDayAndTime } from '../lib/format-time.ts'
import { Segments } from '../ui/choice.tsx'
import { Code } from '../ui/code.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Dialog, Done } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { DialogForm } from './dialog-form.tsx'
import { LifeField } from './life-field.tsx'
import { type LinkDraft, presentLinkDraft } from './link-draft.ts'

interface NewUploadLinkProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Signs a link that takes one upload, and shows it, once. */
export function NewUploadLink({ isOpen, onClose }: NewUploadLinkProps) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="New upload link"
      description="Whoever has it can bring one file into this account, without a key."
    >
      <NewUploadLinkBody onClose={onClose} />
    </Dialog>
  )
}

/** Mounted with each opening, so that the link is forgotten with the dialog. */
function NewUploadLinkBody({ onClose }: Pick<NewUploadLinkProps, 'onClose'>) {
  const [draft, setDraft] = useState<LinkDraft>({
    seconds: 3_600,
    network: 'private',
    name: '',
    mebibytes: '',
    types: '',
  })
  const [made, setMade] = useState<{ readonly url: string; readonly expiresAt: string }>()
  const { body, problems } = presentLinkDraft(draft)
  const change = (part: Partial<LinkDraft>) => setDraft({ ...draft, ...part })
  const sign = useMutation({
    async mutationFn() {
      const expiresAt = new Date(Date.now() + draft.seconds * 1_000).toISOString()
      setMade({ url: (await client.call(routes.filesSign, { body })).data, expiresAt })
    },
    gcTime: 0,
    onSuccess: noticeLinksChanged,
  })
  if (made !== undefined) {
    return (
      <>
        <p>It is shown only now, takes one upload, and is good until {formatDayAndTime(made.expiresAt)}.</p>
        <CopyField label="Link" value={made.url} />
        <Code label="cURL command" text={`curl -F file=@photo.jpg '${made.url}'`} />
        <Done onClose={onClose} />
      </>
    )
  }
  return (
    <DialogForm sending={sign} submit="Make the link" isReady={Object.keys(problems).length === 0} onClose={onClose}>
      <LifeField seconds={draft.seconds} onChange={(seconds) => change({ seconds })} />
      <Segments
        label="Network"
        value={draft.network}
        options={[
          { value: 'private', label: 'Private' },
          { value: 'public', label: 'Public' },
        ]}
        onChange={(network) => change({ network })}
      />
      <p className="text-table text-muted">
        {draft.network === 'public' ? 'Anyone on the IPFS network can read it.' : 'Stored here only; read by link.'}
      </p>
      <Field label="File name" hint="What the file is called here. As the uploader calls it when empty.">
        <TextInput
          dir="auto"
          maxLength={1_024}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      <Field label="Largest size in MiB" hint="No limit but the quota when empty." error={problems.mebibytes}>
        <TextInput
          inputMode="decimal"
          value={draft.mebibytes}
          onChange={(event) => change({ mebibytes: event.target.value })}
        />
      </Field>
      <Field
        label="Types"
        hint="Such as image/*, application/pdf; directory for a folder. Told by the bytes. Any single file when empty."
        error={problems.types}
      >
        <TextInput value={draft.types} onChange={(event) => change({ types: event.target.value })} />
      </Field>
    </DialogForm>
  )
}
