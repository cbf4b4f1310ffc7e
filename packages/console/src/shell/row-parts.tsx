import { Copy, EllipsisVertical } from 'lucide-react'
import { classNames } from '../lib/class-names.ts'

// Parts of the rows of long tables. Called as functions: a component for each would make scrolling slow. What is done
// with them the table sees to (lib/use-row-events.ts), by `data-row` and `data-part`.

const iconButton = 'hover:bg-sunken inline-flex shrink-0 items-center justify-center rounded-md'
// Made once: rows that come and go while somebody scrolls have enough to do.
const icons = {
  copy: <Copy className="size-4" />,
  smallCopy: <Copy className="size-3.5" />,
  more: <EllipsisVertical className="size-4" />,
}

/** The cell that selects a row. */
export function selectCell(index: number, name: string, isChosen: boolean) {
  return (
    <div role="cell" className="flex justify-center">
      <input
        type="checkbox"
        aria-label={`Select ${name}`}
        checked={isChosen}
        // The table sees to it: a change event does not say whether Shift was held.
        readOnly
        data-row={index}
        data-part="select"
        className="accent-accent size-4"
      />
    </div>
  )
}

/** The name of a row, which opens it. */
export function nameLink(index: number, name: string, href: string) {
  return (
    <a
      href={href}
      dir="auto"
      title={name}
      data-row={index}
      data-part="name"
      className="block truncate text-left font-medium hover:underline"
    >
      {name}
    </a>
  )
}

/** What copies the CID of a row. */
export function copyButton(index: number, name: string, isSmall = false) {
  return (
    <button
      type="button"
      aria-label={`Copy CID of ${name}`}
      title="Copy CID"
      data-row={index}
      data-part="copy"
      className={classNames(iconButton, isSmall ? 'size-5' : 'size-7')}
    >
      {isSmall ? icons.smallCopy : icons.copy}
    </button>
  )
}

/** What opens the menu of a row. A menu in every row would make scrolling slow: this becomes one when it is wanted. */
export function menuButton(index: number, name: string) {
  return (
    <button
      type="button"
      aria-label={`More for ${name}`}
      aria-haspopup="menu"
      data-row={index}
      data-part="menu"
      className={classNames(iconButton, 'size-7')}
    >
      {icons.more}
    </button>
  )
}
