import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { FolderMinus, Folders } from 'lucide-react'
import { useState } from 'react'
import { messageOf } from '../../api/explain.ts'
import type { File } from '../../api/files.ts'
import { groupChoicesQuery } from '../../api/groups.ts'
import { moveFiles } from '../../api/move-files.ts'
import { classNames } from '../../lib/class-names.ts'
import { plural } from '../../lib/plural.ts'
import { offerUndo } from '../../lib/undo.ts'

/** More are not drawn while something is dragged: the dialog that moves files has all of them. */
const mostDrawn = 60

interface GroupDropProps {
  readonly files: readonly File[]
  readonly network: NetworkName
}

/** Groups to drop files on, over the foot of the page: nothing that is dragged over moves away. M does it by keyboard. */
export function GroupDrop({ files, network }: GroupDropProps) {
  const { data: groups = [] } = useQuery(groupChoicesQuery(network))
  const [over, setOver] = useState<string>()
  const { mutate } = useMutation({
    mutationFn: (group: { readonly id: string | null; readonly name: string }) =>
      moveFiles(files, {
        groupId: group.id,
        words: group.id === null ? 'taken out of their group' : `moved to ${group.name}`,
      }),
    onSuccess([first]) {
      if (first !== undefined) say(`${first.item.name ?? first.item.cid} was not moved. ${messageOf(first.error)}`)
    },
    onError: (error) => say(`Nothing was moved. ${messageOf(error)}`),
  })
  const targets = [{ id: null, name: 'No group' }, ...groups.slice(0, mostDrawn)]
  return (
    <div
      role="region"
      aria-label="Drop on a group"
      className="bg-surface border-accent fixed inset-x-4 bottom-4 z-40 max-h-48 overflow-y-auto rounded-lg border-2 p-4 shadow-xl md:left-60"
    >
      <p className="mb-2 font-medium">Drop {plural(files.length, 'file')} on a group</p>
      <ul className="flex flex-wrap gap-2">
        {targets.map(({ id, name }) => (
          // Things are only dropped here: whoever goes by keyboard has M and the dialog.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
          <li
            key={id ?? 'none'}
            onDragOver={(event) => {
              event.preventDefault()
              setOver(id ?? 'none')
            }}
            onDragLeave={() => setOver(undefined)}
            onDrop={(event) => {
              event.preventDefault()
              mutate({ id, name })
            }}
            className={classNames(
              'flex max-w-60 items-center gap-2 rounded-md border px-3 py-2 [&_svg]:size-4 [&_svg]:shrink-0',
              over === (id ?? 'none') ? 'border-accent bg-accent-soft' : 'border-line bg-sunken',
            )}
          >
            {id === null ? <FolderMinus aria-hidden /> : <Folders aria-hidden />}
            <span dir="auto" className="truncate">
              {name}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Where what went wrong can be read when what was dropped on is gone. */
function say(words: string): void {
  offerUndo({ words })
}
