import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { File } from '../../api/files.ts'
import { groupQuery } from '../../api/groups.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { paths } from '../../paths.ts'
import { CopyValue, Fact, FactList } from '../../ui/facts.tsx'

/** What is known of a file, in words and numbers. */
export function Facts({ file }: { readonly file: File }) {
  return (
    <FactList>
      <Fact name="Network">
        {file.network === 'public'
          ? 'Public. Anyone on the IPFS network can read this.'
          : 'Private. Stored here only; read by link.'}
      </Fact>
      <Fact name="Size">
        {formatBytes(file.size)}
        {file.size >= 1_024 && <span className="text-muted"> ({formatNumber(file.size)} bytes)</span>}
      </Fact>
      <Fact name="Files in it">{formatNumber(file.number_of_files)}</Fact>
      <Fact name="Type">{file.mime_type === 'directory' ? 'Folder' : file.mime_type}</Fact>
      <Fact name="Group">
        <GroupOf file={file} />
      </Fact>
      <Fact name="Created">{formatDayAndTime(file.created_at)}</Fact>
      <Fact name="Expires">
        {file.expires_at === null ? 'Never' : `${formatDayAndTime(file.expires_at)}; then it is unpinned`}
      </Fact>
      <Fact name="Id">
        <CopyValue text={file.id} label="Copy id" />
      </Fact>
    </FactList>
  )
}

function GroupOf({ file: { network, group_id: id } }: { readonly file: File }) {
  const { data } = useQuery({ ...groupQuery(network, id ?? ''), enabled: id !== null })
  if (id === null) return 'None'
  return (
    <Link {...paths.group(network, id)} dir="auto" className="text-accent underline">
      {data?.name ?? id}
    </Link>
  )
}
