import { type DragEvent, type KeyboardEvent, type MouseEvent, type PointerEvent, type RefObject, useRef } from 'react'

interface RowEvents<Row> {
  readonly frame: RefObject<HTMLElement | null>
  readonly rows: number
  readonly rowAt: (index: number) => Row | undefined
  readonly scrollTo: (index: number) => void
  readonly onToggle: (row: Row, index: number, isRange: boolean) => void
  readonly onMenu: (row: Row) => void
  readonly onCopy: (row: Row) => void
  readonly onOpen: (row: Row) => void
  /** The name of a row is being dragged; undefined when that ends. */
  readonly onDrag: ((row: Row | undefined) => void) | undefined
  /** The same by keyboard, with M: the row is to go elsewhere. */
  readonly onMove: ((row: Row) => void) | undefined
  /** Whoever points at the name may open it next. */
  readonly onPoint: (row: Row) => void
}

/**
 * What is done in the rows of a long table, seen to by the table: handlers and links of their own would make each row
 * slow to draw. Parts of a row say what they are by `data-row` and `data-part`: `select`, `name`, `copy`, `menu`.
 */
export function useRowEvents<Row>(events: RowEvents<Row>) {
  const { frame, rows, rowAt, scrollTo } = events
  /** Where the arrow keys lead, while that row is not there yet. */
  const goingTo = useRef<number>(undefined)

  const onClick = (event: MouseEvent<HTMLElement>) => {
    const { index, part, row } = whatIs(event.target, rowAt)
    if (row === undefined) return
    if (part === 'select') events.onToggle(row, index, event.shiftKey)
    else if (part === 'copy') events.onCopy(row)
    else if (part === 'menu') events.onMenu(row)
    else if (part === 'name' && isPlain(event)) {
      event.preventDefault()
      events.onOpen(row)
    }
  }
  const onPointerOver = (event: PointerEvent<HTMLElement>) => {
    const { part, row } = whatIs(event.target, rowAt)
    if (part === 'name' && row !== undefined) events.onPoint(row)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const { index, part, row } = whatIs(event.target, rowAt)
    if (event.key === 'm' && row !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      events.onMove?.(row)
    }
    if (step === undefined || part === undefined) return
    event.preventDefault()
    const to = Math.min(Math.max(0, (goingTo.current ?? index) + step), rows - 1)
    goingTo.current = to
    scrollTo(to)
    // Rows come into being when they are scrolled to; the frame after that they can have the focus.
    const arrive = (isLast: boolean) => {
      if (goingTo.current !== to) return
      const there = frame.current?.querySelector<HTMLElement>(`[data-row="${to}"][data-part="${part}"]`)
      there?.focus({ preventScroll: true })
      if (there != null || isLast) goingTo.current = undefined
      else requestAnimationFrame(() => requestAnimationFrame(() => arrive(true)))
    }
    arrive(false)
  }
  const onDragStart = (event: DragEvent<HTMLElement>) => {
    const { part, row } = whatIs(event.target, rowAt)
    if (part !== 'name' || row === undefined || events.onDrag === undefined) return
    event.dataTransfer.effectAllowed = 'copyMove'
    // After the browser has taken the picture of what is dragged: what appears now would end the dragging.
    setTimeout(() => events.onDrag?.(row))
  }
  return { onClick, onPointerOver, onKeyDown, onDragStart, onDragEnd: () => events.onDrag?.(undefined) }
}

function whatIs<Row>(target: EventTarget, rowAt: (index: number) => Row | undefined) {
  const { row, part } = (target as Element).closest<HTMLElement>('[data-row]')?.dataset ?? {} // events of elements alone
  const index = row === undefined ? -1 : Number(row)
  return { index, part, row: index === -1 ? undefined : rowAt(index) }
}

/** Not one that opens another tab or window. */
function isPlain({ button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !ctrlKey && !metaKey && !shiftKey && !altKey
}
