import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FolderMinus } from 'lucide-react'
import { client } from '../../api/client.ts'
import { type File, fileList } from '../../api/files.ts'
import { type Group, refreshGroups } from '../../api/groups.ts'
import { formatBytes } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { offerUndo } from '../../lib/undo.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { RowDeed, Table, Td, Th, ThDeeds } from '../../ui/table.tsx'

/** The newest files of a group, each of which may leave it. */
export function GroupFiles({ group }: { readonly group: Group }) {
  const { network, id } = group
  const list = fileList({ network, group: id })
  const { data, error, refetch } = useQuery(list.pageQuery(undefined))
  const leave = useMutation({
    async mutationFn(file: File) {
      const params = { network, id, file_id: file.id }
      await client.call(routes.groupsRemoveFile, { params })
      await refreshGroups()
      offerUndo({
        words: `${file.name ?? file.cid} taken out of ${group.name}`,
        async undo() {
          await client.call(routes.groupsAddFile, { params })
          await refreshGroups()
        },
      })
    },
  })
  if (data === undefined)
    return error === null ? <Waiting /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (data.rows.length === 0) return <NoMembers group={group} />
  return (
    <>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {leave.isError && <ErrorPanel error={leave.error} />}
      <Table
        label="Files of this group"
        head={
          <>
            <Th>Name</Th>
            <Th className="text-right">Size</Th>
            <Th className="max-md:hidden">Created</Th>
            <ThDeeds />
          </>
        }
      >
        {data.rows.map((file) => (
          <tr key={file.id}>
            <Td className="w-1/2 max-w-96">
              <Link {...paths.file(file.id)} dir="auto" className="block truncate font-medium hover:underline">
                {file.name ?? file.cid}
              </Link>
            </Td>
            <Td className="tabular text-right whitespace-nowrap">{formatBytes(file.size)}</Td>
            <Td className="tabular whitespace-nowrap max-md:hidden">{formatDayAndTime(file.created_at)}</Td>
            <Td className="text-right">
              <RowDeed
                name={`Take out ${file.name ?? file.cid}`}
                isBusy={leave.isPending && leave.variables.id === file.id}
                onClick={() => leave.mutate(file)}
              >
                <FolderMinus />
                Take out
              </RowDeed>
            </Td>
          </tr>
        ))}
      </Table>
      {data.next !== null && <p className="text-muted">These are the newest {data.rows.length}.</p>}
    </>
  )
}

function NoMembers({ group: { network } }: { readonly group: Group }) {
  return (
    <Empty
      title="No files in it yet"
      action={
        <Button asChild>
          <Link {...paths.filesBy({ network })}>Show {network} files</Link>
        </Button>
      }
    >
      <p>Choose files in the list and move them here, or choose this group when you upload.</p>
    </Empty>
  )
}
