import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { toCurl } from '../api/curl.ts'
import type { File } from '../api/files.ts'
import { type Name, noticeNamesChanged } from '../api/names.ts'
import { Button } from '../ui/button.tsx'
import { Segments } from '../ui/choice.tsx'
import { Code } from '../ui/code.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { FormError } from './form-error.tsx'
import { PublicFilePicker } from './public-file-picker.tsx'

interface PublishNameProps {
  readonly name: Name
  readonly onClose: () => void
}

/** Has a name lead to a public file, or to a CID, a path or another name. */
export function PublishName({ name, onClose }: PublishNameProps) {
  const [by, setBy] = useState<'file' | 'cid'>('file')
  const [file, setFile] = useState<File>()
  const [cid, setCid] = useState('')
  const target = by === 'file' ? { fileId: file?.id ?? '' } : { cid: cid.trim() }
  const isChosen = by === 'file' ? file !== undefined : cid.trim() !== ''
  const params = { id: name.id }
  const publish = useMutation({
    mutationFn: (confirm: boolean) =>
      client.call(routes.namesPublish, { params, body: { ...target, ...(confirm ? { confirm } : {}) } }),
    async onSuccess() {
      await noticeNamesChanged()
      onClose()
    },
  })
  const wantsConfirmation = publish.error instanceof ApiError && publish.error.reason === 'CONFIRMATION_NEEDED'
  const change = (set: () => void) => {
    publish.reset()
    set()
  }
  return (
    <Dialog isOpen onClose={onClose} title={`Publish under ${name.label}`} isWide>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!publish.isPending && isChosen) publish.mutate(wantsConfirmation)
        }}
      >
        <Segments
          label="What it is to lead to"
          value={by}
          options={[
            { value: 'file', label: 'A file' },
            { value: 'cid', label: 'A CID' },
          ]}
          onChange={(value) => change(() => setBy(value))}
        />
        {by === 'file' ? (
          <PublicFilePicker chosen={file} onChoose={(chosen) => change(() => setFile(chosen))} />
        ) : (
          <Field
            label="CID"
            hint="Or a path such as /ipfs/bafybei…/docs, or another name: /ipns/k51… or /ipns/docs.example.org."
          >
            <TextInput
              className="font-mono text-xs"
              spellCheck={false}
              maxLength={2_000}
              value={cid}
              onChange={({ target: { value } }) => change(() => setCid(value))}
            />
          </Field>
        )}
        <details>
          <summary className="text-muted hover:text-ink w-fit cursor-pointer">As API call</summary>
          <div className="pt-2">
            <Code label="command" text={toCurl(routes.namesPublish, { params, body: target })} />
          </div>
        </details>
        {publish.isError && <FormError error={publish.error} />}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={publish.isPending}
            disabledBecause={!isChosen && (by === 'file' ? 'Choose a file first.' : 'Give a CID first.')}
          >
            {wantsConfirmation ? 'Publish all the same' : 'Publish'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
