import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import type { File } from '../api/files.ts'
import { noticeLinksChanged } from '../api/links.ts'
import { useWhoami } from '../api/session.ts'
import { formatDayAndTime } from '../lib/format-time.ts'
import { CopyField } from '../ui/copy.tsx'
import { Dialog, Done } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { DialogForm } from './dialog-form.tsx'
import { LifeField } from './life-field.tsx'

interface ShareFileProps {
  readonly file: File
  readonly onClose: () => void
}

/** Signs a link to a private file, and shows it, once. */
export function ShareFile({ file, onClose }: ShareFileProps) {
  const { urls } = useWhoami()
  const [seconds, setSeconds] = useState(86_400)
  const [uses, setUses] = useState('')
  const [made, setMade] = useState<{ readonly url: string; readonly expiresAt: string }>()
  const isCount = /^\s*([1-9]\d{0,8})?\s*$/.test(uses)
  const share = useMutation({
    async mutationFn() {
      const expiresAt = new Date(Date.now() + seconds * 1_000).toISOString()
      const body = {
        url: `${urls.gateway}/files/${file.cid}`,
        expires: seconds,
        method: 'GET',
        file_id: file.id,
        ...(uses.trim() === '' ? {} : { max_uses: Number(uses) }),
      }
      setMade({ url: (await client.call(routes.downloadLink, { body })).data, expiresAt })
    },
    gcTime: 0,
    onSuccess: noticeLinksChanged,
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={
        <>
          Share <bdi>{file.name ?? file.cid}</bdi>
        </>
      }
    >
      {made === undefined ? (
        <DialogForm sending={share} submit="Make the link" isReady={isCount} onClose={onClose}>
          <p>Whoever has the link can read this file, without a key and without an account.</p>
          <LifeField seconds={seconds} onChange={setSeconds} />
          <Field
            label="Downloads"
            hint="How often it can be read. No limit when empty; players that jump in a film use several."
            error={isCount ? undefined : 'Write a whole number from 1 on, or nothing.'}
          >
            <TextInput inputMode="numeric" value={uses} onChange={(event) => setUses(event.target.value)} />
          </Field>
        </DialogForm>
      ) : (
        <>
          <p>It is shown only now, and is good until {formatDayAndTime(made.expiresAt)}.</p>
          <CopyField label="Link" value={made.url} />
          <Done onClose={onClose} />
        </>
      )}
    </Dialog>
  )
}
