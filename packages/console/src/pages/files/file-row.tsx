import { memo } from 'react'
import type { File } from '../../api/files.ts'
import { formatBytes } from '../../lib/format-bytes.ts'
import { formatDayAndTime, formatPast } from '../../lib/format-time.ts'
import { plural } from '../../lib/plural.ts'
import { shorten } from '../../lib/shorten.ts'
import { fileHref } from '../../paths.ts'
import { type GridRowProps, RowFrame } from '../../shell/row-grid.tsx'
import { copyButton, menuButton, nameLink, selectCell } from '../../shell/row-parts.tsx'
import { FileMenu, type FileDeed } from './file-menu.tsx'

/** Columns on wide screens; narrow ones keep the name, the size below it, and the menu. */
export const columns =
  'grid grid-cols-[2.25rem_minmax(0,1fr)_2.5rem] md:grid-cols-[2.25rem_minmax(0,1fr)_6rem_minmax(0,11rem)_11rem_8rem_2.5rem] items-center px-1'

interface FileRowProps extends GridRowProps<File> {
  readonly onDeed: (deed: FileDeed, file: File) => void
}

/** One file of the list. */
export const FileRow = memo(function FileRow({ onDeed, ...at }: FileRowProps) {
  return (
    <RowFrame {...at} columns={columns}>
      {at.row !== undefined && <Cells {...at} file={at.row} onDeed={onDeed} />}
    </RowFrame>
  )
})

function Cells({ index, file, isChosen, isMenuOpen, now, onMenu, onDeed }: FileRowProps & { readonly file: File }) {
  const name = file.name ?? file.cid
  const isFolder = file.mime_type === 'directory'
  return (
    <>
      {selectCell(index, name, isChosen)}
      <div role="cell" className="min-w-0 pr-3">
        {nameLink(index, name, fileHref(file.id))}
        <span className="text-muted tabular block truncate text-xs md:hidden">
          {formatBytes(file.size)} · {formatPast(file.created_at, now)}
          {file.taken_down !== undefined && ' · taken down'}
        </span>
      </div>
      <div role="cell" className="tabular hidden pr-3 text-right whitespace-nowrap md:block">
        {formatBytes(file.size)}
      </div>
      <div role="cell" className="text-muted hidden truncate pr-3 md:block" title={file.mime_type}>
        {file.taken_down !== undefined && <span className="text-danger">taken down, </span>}
        {isFolder ? `folder, ${plural(file.number_of_files, 'file')}` : file.mime_type}
      </div>
      <div role="cell" className="hidden items-center gap-1 md:flex">
        <code className="font-mono text-xs" title={file.cid}>
          {shorten(file.cid, { head: 7, tail: 4 })}
        </code>
        {copyButton(index, name)}
      </div>
      <div role="cell" className="text-muted hidden truncate md:block" title={formatDayAndTime(file.created_at)}>
        <time dateTime={file.created_at}>{formatPast(file.created_at, now)}</time>
      </div>
      <div role="cell" className="flex justify-end">
        {isMenuOpen ? (
          <FileMenu file={file} onClose={() => onMenu(undefined)} onDeed={onDeed} />
        ) : (
          menuButton(index, name)
        )}
      </div>
    </>
  )
}
