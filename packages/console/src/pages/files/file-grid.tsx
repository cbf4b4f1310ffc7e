import { useNavigate, useRouter } from '@tanstack/react-router'
import { type ReactNode, useMemo } from 'react'
import { type File, type FileFilter, fileList } from '../../api/files.ts'
import { classNames } from '../../lib/class-names.ts'
import type { Selection } from '../../lib/use-selection.ts'
import { useWide } from '../../lib/use-wide.ts'
import { paths } from '../../paths.ts'
import { RowGrid } from '../../shell/row-grid.tsx'
import type { FileDeed } from './file-menu.tsx'
import { columns, FileRow } from './file-row.tsx'

interface FileGridProps {
  readonly filter: FileFilter
  readonly onDeed: (deed: FileDeed, file: File) => void
  readonly onDrag: (files: readonly File[] | undefined) => void
  readonly onMove: (files: readonly File[]) => void
  /** What stands in place of no rows. */
  readonly empty: ReactNode
  /** Above the rows, while some are chosen. */
  readonly renderChosen: (selection: Selection<File>) => ReactNode
}

/** The files of a list. */
export function FileGrid({ filter, onDeed, onDrag, onMove, empty, renderChosen }: FileGridProps) {
  const navigate = useNavigate()
  const router = useRouter()
  const list = useMemo(() => fileList(filter), [filter])
  return (
    <RowGrid
      label="Files"
      list={list}
      heightPx={useWide() ? 32 : 48}
      columns={columns}
      heads={heads}
      renderRow={(at) => <FileRow {...at} onDeed={onDeed} />}
      onOpen={({ id }) => void navigate(paths.file(id))}
      onPoint={({ id }) => void router.preloadRoute(paths.file(id))}
      onCopy={(file) => onDeed('copy-cid', file)}
      onDrag={onDrag}
      onMove={onMove}
      empty={empty}
      renderChosen={renderChosen}
    />
  )
}

const cell = 'hidden pr-3 font-medium md:block'

const heads = (
  <>
    <div role="columnheader" className="font-medium">
      Name
    </div>
    <div role="columnheader" className={classNames(cell, 'text-right')}>
      Size
    </div>
    <div role="columnheader" className={cell}>
      Type
    </div>
    <div role="columnheader" className={cell}>
      CID
    </div>
    <div role="columnheader" className={cell}>
      Created
    </div>
    <div role="columnheader">
      <span className="sr-only">More</span>
    </div>
  </>
)
