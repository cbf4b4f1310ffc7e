import { useNavigate, useRouter } from '@tanstack/react-router'
import { type KeyboardEvent, type MouseEvent, type PointerEvent, type RefObject, useRef } from 'react'
import type { File } from '../../api/files.ts'
import { paths } from '../../paths.ts'
import type { FileDeed } from './file-menu.tsx'

interface RowEvents {
  readonly frame: RefObject<HTMLElement | null>
  readonly rows: number
  readonly fileAt: (index: number) => File | undefined
  readonly scrollTo: (index: number) => void
  readonly onToggle: (file: File, index: number, isRange: boolean) => void
  readonly onMenu: (id: string) => void
  readonly onDeed: (deed: FileDeed, file: File) => void
}

/** What is done in the rows, seen to by the table: handlers and links of their own would make each row slow to draw. */
export function useRowEvents({ frame, rows, fileAt, scrollTo, onToggle, onMenu, onDeed }: RowEvents) {
  const navigate = useNavigate()
  const router = useRouter()
  /** Where the arrow keys lead, while that row is not there yet. */
  const goingTo = useRef<number>(undefined)

  const onClick = (event: MouseEvent<HTMLElement>) => {
    const { row, part, file } = whatIs(event.target, fileAt)
    if (file === undefined) return
    if (part === 'select') onToggle(file, row, event.shiftKey)
    else if (part === 'copy') onDeed('copy-cid', file)
    else if (part === 'menu') onMenu(file.id)
    else if (part === 'name' && isPlain(event)) {
      event.preventDefault()
      void navigate(paths.file(file.id))
    }
  }
  const onPointerOver = (event: PointerEvent<HTMLElement>) => {
    const { part, file } = whatIs(event.target, fileAt)
    if (part === 'name' && file !== undefined) void router.preloadRoute(paths.file(file.id))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const { row, part } = whatIs(event.target, fileAt)
    if (step === undefined || part === undefined) return
    event.preventDefault()
    const to = Math.min(Math.max(0, (goingTo.current ?? row) + step), rows - 1)
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
  return { onClick, onPointerOver, onKeyDown }
}

function whatIs(target: EventTarget, fileAt: (index: number) => File | undefined) {
  const { row, part } = (target as Element).closest<HTMLElement>('[data-row]')?.dataset ?? {} // events of elements alone
  const index = row === undefined ? -1 : Number(row)
  return { row: index, part, file: index === -1 ? undefined : fileAt(index) }
}

/** Not one that opens another tab or window. */
function isPlain({ button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  return button === 0 && !ctrlKey && !metaKey && !shiftKey && !altKey
}
