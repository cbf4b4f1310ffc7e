import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { groupChoicesQuery } from '../api/groups.ts'
import { useWhoami } from '../api/session.ts'
import { formatBytes } from '../lib/format-bytes.ts'
import { plural } from '../lib/plural.ts'
import { keepChosenNetwork, readChosenNetwork } from '../uploads/chosen-network.ts'
import { closeChoosing, useChoosing } from '../uploads/choosing.ts'
import { groupParts, isCarName, planUploads } from '../uploads/plan-uploads.ts'
import { uploadQueue } from '../uploads/upload-queue.ts'
import { Button } from '../ui/button.tsx'
import { Segments } from '../ui/choice.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, Select, TextInput } from '../ui/field.tsx'
import { LabelledCheckbox } from '../ui/toggle.tsx'
import { ChosenFiles } from './chosen-files.tsx'
import { NetworkChoice } from './network-choice.tsx'
import { UploadInputs } from './upload-inputs.tsx'

/** Asks, before anything is sent, who may read it and how it is put together. */
export function UploadDialog() {
  const choosing = useChoosing()
  const { publicContent, quota } = useWhoami()
  const [chosenNetwork, setNetwork] = useState(readChosenNetwork)
  const [chosenGroup, setGroup] = useState('')
  const [isTogether, setTogether] = useState(false)
  const [folderName, setFolderName] = useState('')
  const [readsCars, setReadsCars] = useState(false)
  const grouped = useMemo(() => groupParts(choosing.parts), [choosing.parts])
  const { loose, sizeBytes } = grouped
  const network = publicContent === 'refused' ? 'private' : chosenNetwork
  const { data: groups = [] } = useQuery(groupChoicesQuery(network))
  // Groups are of one network: what was chosen for the other is none of this.
  const group = groups.some(({ id }) => id === chosenGroup) ? chosenGroup : ''
  const hasCars = useMemo(() => loose.some(({ path }) => isCarName(path)), [loose])
  const canJoin = loose.length > 1
  const joins = canJoin && isTogether
  const overBytes = quota.leftBytes === null ? 0 : sizeBytes - quota.leftBytes
  const why = whyNot()

  function whyNot(): string | undefined {
    if (choosing.reading !== undefined) return 'The files are still being looked at.'
    if (choosing.parts.length === 0) return 'Choose or drop something first.'
    if (!joins) return undefined
    if (folderName.trim() === '') return 'Give the folder a name first.'
    return folderName.includes('/') ? 'The name of a folder holds no slash.' : undefined
  }
  const start = () => {
    keepChosenNetwork(chosenNetwork)
    const together = joins ? folderName.trim() : undefined
    uploadQueue.add(
      planUploads(grouped, {
        network,
        group: group === '' ? undefined : group,
        together,
        readsCars: readsCars && !joins,
      }),
    )
    closeChoosing()
  }
  return (
    <Dialog
      isOpen
      onClose={closeChoosing}
      title="Upload"
      description="Drop files and folders anywhere, or choose them."
    >
      <UploadInputs />
      <ChosenFiles choosing={choosing} grouped={grouped} />
      <NetworkChoice
        value={network}
        onChange={setNetwork}
        publicRefused={
          publicContent === 'refused' && 'This account refuses public content. Its owner can allow it under Account.'
        }
      />
      {groups.length > 0 && (
        <Field label="Group">
          <Select value={group} onChange={(event) => setGroup(event.target.value)}>
            <option value="">No group</option>
            {groups.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {canJoin && (
        <>
          <Segments
            label="How the files are kept"
            value={isTogether ? 'together' : 'each'}
            options={[
              { value: 'each', label: 'Each by itself' },
              { value: 'together', label: 'Together as a folder' },
            ]}
            onChange={(value) => setTogether(value === 'together')}
          />
          {isTogether && (
            <Field label="Name of the folder">
              <TextInput dir="auto" value={folderName} onChange={(event) => setFolderName(event.target.value)} />
            </Field>
          )}
        </>
      )}
      {hasCars && !joins && (
        <LabelledCheckbox
          id="reads-cars"
          checked={readsCars}
          onChange={setReadsCars}
          label="Read as CAR: what is in the CAR becomes the file"
        />
      )}
      <p className={overBytes > 0 ? 'text-danger' : 'text-muted text-table'}>
        {quota.leftBytes === null
          ? 'This account has no quota.'
          : overBytes > 0
            ? `That is ${formatBytes(overBytes)} more than the ${formatBytes(quota.leftBytes)} that this account has left. What does not fit will be refused.`
            : `${formatBytes(quota.leftBytes)} of this account's quota are left.`}
      </p>
      <Actions>
        <Button onClick={closeChoosing}>Cancel</Button>
        <Button look="primary" disabledBecause={why} onClick={start}>
          {choosing.parts.length === 0 ? 'Upload' : `Upload ${plural(choosing.parts.length, 'file')}`}
        </Button>
      </Actions>
    </Dialog>
  )
}
