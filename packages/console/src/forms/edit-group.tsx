import { routes } from '@pinyon/contract/routes.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { type Group, refreshGroups } from '../api/groups.ts'
import { offerUndo } from '../lib/undo.ts'
import { Button } from '../ui/button.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { LabelledCheckbox } from '../ui/toggle.tsx'

interface EditGroupProps {
  readonly network: NetworkName
  /** Left out: a new one. */
  readonly group?: Group
  readonly onClose: () => void
  /** Told instead of `onClose` when it was made. */
  readonly onMade?: (group: Group) => void
}

/** Makes a group, or changes its name and who may read its files. */
export function EditGroup({ network, group, onClose, onMade }: EditGroupProps) {
  const [name, setName] = useState(group?.name ?? '')
  const [isOpen, setOpen] = useState(group?.is_public ?? false)
  const change = async ({ id, name: before, is_public }: Group) => {
    await client.call(routes.groupsUpdate, { params: { network, id }, body: { name: before, is_public } })
    await refreshGroups()
  }
  const save = useMutation({
    async mutationFn() {
      const body = { name: name.trim(), is_public: isOpen }
      const answer =
        group === undefined
          ? await client.call(routes.groupsCreate, { params: { network }, body })
          : await client.call(routes.groupsUpdate, { params: { network, id: group.id }, body })
      await refreshGroups()
      if (group !== undefined) offerUndo({ words: `${group.name} changed`, undo: () => change(group) })
      return answer.data
    },
    onSuccess(saved) {
      if (onMade === undefined) onClose()
      else onMade(saved)
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={group === undefined ? 'New group' : 'Change group'}
      description={`For ${network} files. A file is in one group at most.`}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!save.isPending && name.trim() !== '') save.mutate()
        }}
      >
        <Field label="Name" error={save.isError ? messageOf(save.error) : undefined}>
          <TextInput dir="auto" maxLength={1_024} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        {network === 'private' && (
          <LabelledCheckbox
            id="group-open"
            checked={isOpen}
            onChange={setOpen}
            label="Whoever knows the CID of a file in it can read that file at the gateway, without a link"
          />
        )}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={save.isPending}
            disabledBecause={name.trim() === '' && 'Give it a name first.'}
          >
            {group === undefined ? 'Make group' : 'Save'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
