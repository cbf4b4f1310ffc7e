import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { type File, refreshFiles } from '../api/files.ts'
import { plural } from '../lib/plural.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Progress } from '../ui/progress.tsx'

/** Requests at the same time. */
const atOnce = 4

/** A file that could not be unpinned. */
interface Failure {
  readonly file: File
  readonly error: unknown
}

interface UnpinFilesProps {
  readonly files: readonly File[]
  readonly onClose: () => void
  /** Told which are gone, as soon as some are. */
  readonly onUnpinned: (files: readonly File[]) => void
}

/** Asks, then stops keeping one file or many; what could not be unpinned is named with the reason. */
export function UnpinFiles({ files, onClose, onUnpinned }: UnpinFilesProps) {
  const [left, setLeft] = useState(files)
  const [doneCount, setDoneCount] = useState(0)
  const unpin = useMutation({
    async mutationFn() {
      setDoneCount(0)
      return unpinAll(left, setDoneCount)
    },
    async onSuccess({ gone, failures }) {
      if (gone.length > 0) onUnpinned(gone)
      await refreshFiles()
      if (failures.length === 0) onClose()
      else setLeft(failures.map(({ file }) => file))
    },
  })
  const [first] = left
  const failures = unpin.data?.failures ?? []
  const isPublic = left.some(({ network }) => network === 'public')
  const title =
    left.length === 1 ? `Unpin ${first?.name ?? first?.cid ?? ''}?` : `Unpin ${plural(left.length, 'file')}?`
  return (
    <Confirm
      isOpen
      onClose={() => unpin.isPending || onClose()}
      title={title}
      action={failures.length > 0 ? 'Try again' : 'Unpin'}
      isBusy={unpin.isPending}
      onConfirm={() => unpin.mutate()}
      {...(files.length > 1 ? { typed: `unpin ${files.length}` } : {})}
      error={
        <>
          {unpin.isPending && left.length > 1 && <Progress label="Unpinned so far" share={doneCount / left.length} />}
          {failures.length > 0 && !unpin.isPending && <Failures failures={failures} of={files.length} />}
        </>
      }
    >
      <p>We stop keeping it. Space comes back within a minute unless another of your files shares it.</p>
      {isPublic && <p>Copies that others already made stay out there.</p>}
      <p className="text-muted">This cannot be taken back.</p>
    </Confirm>
  )
}

function Failures({ failures, of }: { readonly failures: readonly Failure[]; readonly of: number }) {
  return (
    <div role="alert" className="text-danger flex flex-col gap-1">
      <p className="font-medium">
        {failures.length} of {of} could not be unpinned:
      </p>
      <ul className="text-table max-h-40 overflow-y-auto">
        {failures.slice(0, 100).map(({ file, error }) => (
          <li key={file.id} className="break-words">
            <bdi>{file.name ?? file.cid}</bdi>: {messageOf(error)}
          </li>
        ))}
      </ul>
    </div>
  )
}

async function unpinAll(
  files: readonly File[],
  onCount: (count: number) => void,
): Promise<{ gone: File[]; failures: Failure[] }> {
  const gone: File[] = []
  const failures: Failure[] = []
  const waiting = [...files]
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      try {
        await client.call(routes.filesDelete, { params: { network: file.network, id: file.id } })
        gone.push(file)
      } catch (error) {
        // Somebody else was faster; it is as it was asked for.
        if (error instanceof ApiError && error.status === 404) gone.push(file)
        else failures.push({ file, error })
      }
      onCount(gone.length + failures.length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return { gone, failures }
}
