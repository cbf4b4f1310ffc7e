import type { ReactNode } from 'react'
import type { File } from '../../api/files.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { CopyButton } from '../../ui/copy.tsx'
import { spellingsOf } from './cid-spellings.ts'

/** What is known of a file, in words and numbers. */
export function Facts({ file }: { readonly file: File }) {
  return (
    <dl className="grid grid-cols-1 gap-x-6 sm:grid-cols-[9rem_minmax(0,1fr)] sm:gap-y-2">
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
      <Fact name="Created">{formatDayAndTime(file.created_at)}</Fact>
      <Fact name="Expires">
        {file.expires_at === null ? 'Never' : `${formatDayAndTime(file.expires_at)}; then it is unpinned`}
      </Fact>
      <Fact name="Id">
        <Value text={file.id} label="Copy id" />
      </Fact>
    </dl>
  )
}

/** The CID in each of its spellings: programs differ in which they take. */
export function Spellings({ cid }: { readonly cid: string }) {
  const spellings = spellingsOf(cid)
  return (
    <dl className="grid grid-cols-1 gap-x-6 sm:grid-cols-[9rem_minmax(0,1fr)] sm:gap-y-2">
      {(spellings.length === 0 ? [{ name: 'CID', text: cid }] : spellings).map(({ name, text }) => (
        <Fact key={name} name={name}>
          <Value text={text} label={`Copy ${name}`} />
        </Fact>
      ))}
    </dl>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="tabular min-w-0 pb-2 break-words sm:pb-0">{children}</dd>
    </>
  )
}

function Value({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className="flex items-start gap-1">
      <code className="min-w-0 font-mono text-xs leading-5 break-all">{text}</code>
      <span className="-my-1.5 shrink-0">
        <CopyButton text={text} label={label} />
      </span>
    </span>
  )
}
