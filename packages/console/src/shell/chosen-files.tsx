import { Folder, File as FileIcon } from 'lucide-react'
import { formatBytes } from '../lib/format-bytes.ts'
import { plural } from '../lib/plural.ts'
import type { useChoosing } from '../uploads/choosing.ts'
import type { Grouped } from '../uploads/plan-uploads.ts'

/** Lines that are shown; the rest is counted. */
const shown = 5

interface ChosenFilesProps {
  readonly choosing: ReturnType<typeof useChoosing>
  readonly grouped: Grouped
}

/** What was chosen to be uploaded, how much it is, and what had to be left out. */
export function ChosenFiles({ choosing, grouped }: ChosenFilesProps) {
  const { folders, loose, sizeBytes } = grouped
  const { reading, parts, emptyFolders, unreadable } = choosing
  const lines = [
    ...folders.slice(0, shown).map((group) => ({ ...group, isFolder: true })),
    ...loose
      .slice(0, Math.max(0, shown - folders.length))
      .map(({ path, sizeBytes }) => ({ title: path, parts: [], sizeBytes, isFolder: false })),
  ]
  const more = folders.length + loose.length - lines.length
  return (
    <div className="flex flex-col gap-2">
      <p role="status" className="font-medium">
        {reading !== undefined
          ? `Looking at the files: ${plural(reading, 'file')} so far…`
          : parts.length === 0
            ? ''
            : `${plural(parts.length, 'file')}, ${formatBytes(sizeBytes)}`}
      </p>
      {lines.length > 0 && (
        <ul className="text-table flex flex-col gap-1">
          {lines.map(({ title, parts, sizeBytes, isFolder }, index) => (
            <li key={`${index} ${title}`} className="flex items-center gap-2 [&_svg]:size-4 [&_svg]:shrink-0">
              {isFolder ? <Folder aria-hidden /> : <FileIcon aria-hidden />}
              <span dir="auto" className="truncate text-left" title={title}>
                {title}
              </span>
              <span className="text-muted ml-auto whitespace-nowrap">
                {isFolder && `${plural(parts.length, 'file')}, `}
                {formatBytes(sizeBytes)}
              </span>
            </li>
          ))}
          {more > 0 && <li className="text-muted">and {plural(more, 'more', 'more')}</li>}
        </ul>
      )}
      {emptyFolders > 0 && (
        <p className="text-warn text-table">
          {plural(emptyFolders, 'empty folder is', 'empty folders are')} left out: only files can be uploaded.
        </p>
      )}
      {unreadable.length > 0 && (
        <p className="text-danger text-table break-words">
          The browser cannot read {unreadable.slice(0, 3).join(', ')}
          {unreadable.length > 3 && ` and ${plural(unreadable.length - 3, 'other')}`}; left out.
        </p>
      )}
    </div>
  )
}
