import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { type File, type FileFilter, filesOfPage } from '../../api/files.ts'
import { classNames } from '../../lib/class-names.ts'
import { useNow } from '../../lib/use-now.ts'
import { useWide } from '../../lib/use-wide.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import type { FileDeed } from './file-menu.tsx'
import { columns, FileRow } from './file-row.tsx'
import { useFileWindow, useListPlace } from './use-file-window.ts'
import { useRowEvents } from './use-row-events.ts'
import { type Selection, useSelection } from './use-selection.ts'

/** A million rows are 32 million pixels; browsers draw nothing below some 33 million. */
const rowPx = { wide: 32, narrow: 48 }

interface FileGridProps {
  readonly filter: FileFilter
  readonly onDeed: (deed: FileDeed, file: File) => void
  /** What stands in place of no rows. */
  readonly empty: ReactNode
  /** Above the rows, while some are chosen. */
  readonly renderChosen: (selection: Selection) => ReactNode
}

/** The files of a list, as many as there are: only the rows in sight are drawn. */
export function FileGrid({ filter, onDeed, empty, renderChosen }: FileGridProps) {
  const frame = useRef<HTMLDivElement>(null)
  const { begin, keepOffset } = useListPlace(filter)
  const [rows, setRows] = useState(begin.rows)
  const height = useWide() ? rowPx.wide : rowPx.narrow
  // What it answers is read anew with every draw, and handed on to nobody who remembers it.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: 8,
    initialOffset: begin.offsetPx,
    // Rows drawn inside the scroll event would make it late.
    useFlushSync: false,
  })
  useEffect(() => virtual.measure(), [virtual, height])
  useEffect(() => () => void keepOffset(virtual.scrollOffset), [virtual, keepOffset])
  const items = virtual.getVirtualItems()
  const [slots, setSlots] = useState(1)
  if (items.length > slots) setSlots(items.length)
  const list = useFileWindow(filter, { first: items[0]?.index ?? 0, last: items.at(-1)?.index ?? 0 })
  const selection = useSelection(list.filesBetween)
  const [menuOf, setMenuOf] = useState<string>()
  const now = useNow()
  useEffect(() => setRows(list.count), [list.count])
  const events = useRowEvents({
    frame,
    rows,
    fileAt: list.fileAt,
    scrollTo: (index) => virtual.scrollToIndex(index),
    onToggle: selection.toggle,
    onMenu: setMenuOf,
    onDeed,
  })
  if (list.error !== null && rows <= filesOfPage) return <ErrorPanel error={list.error} onRetry={list.retry} />
  if (list.total === 0) return empty
  return (
    <div className="flex flex-col gap-2">
      {selection.files.size > 0 && renderChosen(selection)}
      {/* What it hears comes from the links and buttons in it; the arrow keys are a way on top of Tab. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={frame}
        role="table"
        aria-label="Files"
        aria-rowcount={list.total === undefined ? -1 : list.total + 1}
        aria-busy={list.isFirstPending}
        tabIndex={0}
        {...events}
        className="border-line bg-surface text-table relative max-h-[max(22rem,calc(100dvh-17.5rem))] min-h-24 overflow-y-auto overflow-x-hidden rounded-lg border"
      >
        <Head list={list} selection={selection} />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const file = list.fileAt(index)
            return (
              <FileRow
                // A row that leaves at one end comes in at the other: changing it costs less than making one.
                key={index % slots}
                index={index}
                top={start}
                height={height}
                file={file}
                isChosen={file !== undefined && selection.files.has(file.id)}
                isMenuOpen={file !== undefined && file.id === menuOf}
                now={now}
                onMenu={setMenuOf}
                onDeed={onDeed}
              />
            )
          })}
        </div>
      </div>
      {list.error !== null && <ErrorPanel error={list.error} onRetry={list.retry} />}
    </div>
  )
}

function Head({ list, selection }: { readonly list: ReturnType<typeof useFileWindow>; readonly selection: Selection }) {
  const loaded = selection.files.size > 0 ? list.loaded().length : 0
  const all = loaded > 0 && selection.files.size >= loaded
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = selection.files.size > 0 && !all
  })
  const cell = 'hidden pr-3 font-medium md:block'
  return (
    <div role="rowgroup" className="bg-sunken border-line text-muted sticky top-0 z-10 border-b">
      <div role="row" aria-rowindex={1} className={classNames(columns, 'h-9')}>
        <div role="columnheader" className="flex justify-center">
          <input
            ref={box}
            type="checkbox"
            aria-label="Select all that are loaded"
            checked={all}
            onChange={() => (all ? selection.clear() : selection.add(list.loaded()))}
            className="accent-accent size-4"
          />
        </div>
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
      </div>
    </div>
  )
}
