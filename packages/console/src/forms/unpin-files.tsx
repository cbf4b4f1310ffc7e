import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { type File, refreshFiles } from '../api/files.ts'
import { namesOfQuery, noticeNamesChanged } from '../api/names.ts'
import { removalWords } from '../api/pin-words.ts'
import { plural } from '../lib/plural.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Notice } from '../ui/notice.tsx'
import { Progress } from '../ui/progress.tsx'
import { endEach } from './end-each.ts'
import { FailureList } from './failure-list.tsx'

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
      const end = ({ network, id }: File) => client.call(routes.filesDelete, { params: { network, id } })
      return endEach(left, end, setDoneCount)
    },
    async onSuccess({ done, failures }) {
      if (done.length > 0) onUnpinned(done)
      await refreshFiles()
      void noticeNamesChanged()
      if (failures.length === 0) onClose()
      else setLeft(failures.map(({ item }) => item))
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
          {failures.length > 0 && !unpin.isPending && (
            <FailureList title={`${failures.length} of ${files.length} could not be unpinned`} failures={failures} />
          )}
        </>
      }
    >
      <p>{left.length === 1 ? removalWords.pinned.meaning : removalWords.pinned.ofMany}</p>
      {left.length === 1 && first?.network === 'public' && <NamesThere cid={first.cid} />}
      {isPublic && <p>Copies that others already made stay out there.</p>}
      <p className="text-muted">This cannot be taken back.</p>
    </Confirm>
  )
}

/** Names that will lead to nothing, unless another public file has the same content. */
function NamesThere({ cid }: { readonly cid: string }) {
  const { data: names = [] } = useQuery(namesOfQuery(cid))
  if (names.length === 0) return null
  const [name, ...others] = names
  return (
    <Notice tone="warn">
      <p className="break-words">
        The name <bdi className="font-medium">{name?.label}</bdi>
        {others.length > 0 && ` and ${plural(others.length, 'other')}`} leads to it, and then to nothing that is kept
        here. Publish something else under it first.
      </p>
    </Notice>
  )
}
