import { useVirtualizer } from '@tanstack/react-virtual'
import { Fragment, type ReactNode, useEffect, useRef, useState } from 'react'
import { classNames } from '../lib/class-names.ts'
import { useNow } from '../lib/use-now.ts'
import { useRowEvents } from '../lib/use-row-events.ts'
import { type RowList, type RowPage, type RowWindow, useListPlace, useRowWindow } from '../lib/use-row-window.ts'
import { type Selection, useSelection } from '../lib/use-selection.ts'
import { ErrorPanel } from './error-panel.tsx'

/** What a row of a long table is drawn from; all of it stays the same while the row does. */
export interface GridRowProps<Row> {
  readonly index: number
  readonly top: number
  readonly height: number
  /** Undefined while it is on its way. */
  readonly row: Row | undefined
  readonly isChosen: boolean
  readonly isMenuOpen: boolean
  readonly now: number
  readonly onMenu: (id: string | undefined) => void
}

interface RowGridProps<Row, Page extends RowPage<Row>> {
  /** What the rows are. */
  readonly label: string
  readonly list: RowList<Row, Page>
  /** Of a row. A million rows of 32 px are all that browsers draw: nothing comes below some 33 million. */
  readonly heightPx: number
  /** How the columns are laid out, the box that selects first. */
  readonly columns: string
  /** Headings of the columns after that. */
  readonly heads: ReactNode
  /** How often what is said of times is said anew. */
  readonly nowEveryMs?: number
  readonly renderRow: (props: GridRowProps<Row>) => ReactNode
  readonly onOpen: (row: Row) => void
  readonly onPoint: (row: Row) => void
  readonly onCopy: (row: Row) => void
  /** Rows are being dragged by a name: that one, or all that are chosen when it is one of them. */
  readonly onDrag?: ((rows: readonly Row[] | undefined) => void) | undefined
  /** The same by keyboard. */
  readonly onMove?: ((rows: readonly Row[]) => void) | undefined
  /** What stands in place of no rows. */
  readonly empty: ReactNode
  /** Above the rows, while some are chosen. */
  readonly renderChosen: (selection: Selection<Row>) => ReactNode
}

/** The rows of a list, as many as there are: only those in sight are drawn. */
export function RowGrid<Row extends { readonly id: string }, Page extends RowPage<Row>>(
  props: RowGridProps<Row, Page>,
) {
  const { label, list, heightPx, columns, renderRow } = props
  const frame = useRef<HTMLDivElement>(null)
  const { begin, keepOffset } = useListPlace(list)
  const [rows, setRows] = useState(begin.rows)
  // What it answers is read anew with every draw, and handed on to nobody who remembers it.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => frame.current,
    estimateSize: () => heightPx,
    overscan: 8,
    initialOffset: begin.offsetPx,
    // Rows drawn inside the scroll event would make it late.
    useFlushSync: false,
  })
  useEffect(() => virtual.measure(), [virtual, heightPx])
  useEffect(() => () => void keepOffset(virtual.scrollOffset), [virtual, keepOffset])
  const items = virtual.getVirtualItems()
  const [slots, setSlots] = useState(1)
  if (items.length > slots) setSlots(items.length)
  const sight = useRowWindow(list, { first: items[0]?.index ?? 0, last: items.at(-1)?.index ?? 0 })
  const selection = useSelection(sight.rowsBetween)
  const [menuOf, setMenuOf] = useState<string>()
  const now = useNow(props.nowEveryMs)
  useEffect(() => setRows(sight.count), [sight.count])
  const withChosen = (row: Row) => (selection.rows.has(row.id) ? [...selection.rows.values()] : [row])
  const events = useRowEvents({
    frame,
    rows,
    rowAt: sight.rowAt,
    scrollTo: (index) => virtual.scrollToIndex(index),
    onToggle: selection.toggle,
    onMenu: ({ id }) => setMenuOf(id),
    onCopy: props.onCopy,
    onOpen: props.onOpen,
    onPoint: props.onPoint,
    onDrag: props.onDrag && ((row) => props.onDrag?.(row === undefined ? undefined : withChosen(row))),
    onMove: props.onMove && ((row) => props.onMove?.(withChosen(row))),
  })
  if (sight.error !== null && rows <= list.rowsOfPage) return <ErrorPanel error={sight.error} onRetry={sight.retry} />
  if (sight.total === 0) return props.empty
  return (
    <div className="flex flex-col gap-2">
      {sight.staleError !== null && <ErrorPanel error={sight.staleError} onRetry={sight.retry} />}
      {selection.rows.size > 0 && props.renderChosen(selection)}
      {/* What it hears comes from the links and buttons in it; the arrow keys are a way on top of Tab. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={frame}
        role="table"
        aria-label={label}
        aria-rowcount={sight.total === undefined ? -1 : sight.total + 1}
        aria-busy={sight.isFirstPending}
        tabIndex={0}
        {...events}
        className="border-line bg-surface text-table relative max-h-[max(22rem,calc(100dvh-17.5rem))] min-h-24 overflow-y-auto overflow-x-hidden rounded-lg border"
      >
        <Head sight={sight} selection={selection} columns={columns}>
          {props.heads}
        </Head>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = sight.rowAt(index)
            return (
              // A row that leaves at one end comes in at the other: changing it costs less than making one.
              <Fragment key={index % slots}>
                {renderRow({
                  index,
                  top: start,
                  height: heightPx,
                  row,
                  isChosen: row !== undefined && selection.rows.has(row.id),
                  isMenuOpen: row !== undefined && row.id === menuOf,
                  now,
                  onMenu: setMenuOf,
                })}
              </Fragment>
            )
          })}
        </div>
      </div>
      {sight.error !== null && <ErrorPanel error={sight.error} onRetry={sight.retry} />}
    </div>
  )
}

interface HeadProps<Row> {
  readonly sight: RowWindow<Row>
  readonly selection: Selection<Row>
  readonly columns: string
  readonly children: ReactNode
}

function Head<Row>({ sight, selection, columns, children }: HeadProps<Row>) {
  const loaded = selection.rows.size > 0 ? sight.loaded().length : 0
  const all = loaded > 0 && selection.rows.size >= loaded
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = selection.rows.size > 0 && !all
  })
  return (
    <div role="rowgroup" className="bg-sunken border-line text-muted sticky top-0 z-10 border-b">
      <div role="row" aria-rowindex={1} className={classNames(columns, 'h-9')}>
        <div role="columnheader" className="flex justify-center">
          <input
            ref={box}
            type="checkbox"
            aria-label="Select all that are loaded"
            checked={all}
            onChange={() => (all ? selection.clear() : selection.add(sight.loaded()))}
            className="accent-accent size-4"
          />
        </div>
        {children}
      </div>
    </div>
  )
}

interface RowFrameProps {
  readonly columns: string
  readonly children: ReactNode
}

/** A row in its place; blank bars stand for one that is on its way. */
export function RowFrame({
  index,
  top,
  height,
  row,
  isChosen,
  columns,
  children,
}: Pick<GridRowProps<unknown>, 'index' | 'top' | 'height' | 'row' | 'isChosen'> & RowFrameProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      {...(isChosen ? { 'aria-selected': true } : {})}
      className={classNames(
        columns,
        'border-line absolute inset-x-0 top-0 border-b contain-strict',
        isChosen ? 'bg-accent-soft' : 'hover:bg-sunken',
      )}
      style={{ transform: `translateY(${top}px)`, height }}
    >
      {row === undefined ? <Blank /> : children}
    </div>
  )
}

function Blank() {
  return (
    <div role="cell" className="col-start-2">
      <span className="sr-only">Loading</span>
      <span aria-hidden className="bg-sunken block h-3 w-40 max-w-full rounded" />
    </div>
  )
}
