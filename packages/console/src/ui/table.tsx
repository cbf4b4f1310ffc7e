import type { ComponentProps, ReactNode } from 'react'
import { classNames } from '../lib/class-names.ts'

interface TableProps {
  /** What the rows are, for screen readers. */
  readonly label: string
  readonly head: ReactNode
  readonly children: ReactNode
}

/** A table that scrolls sideways in its own frame where the screen is narrow. */
export function Table({ label, head, children }: TableProps) {
  return (
    <div className="table-frame border-line bg-surface relative overflow-hidden rounded-lg border">
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
        <table className="text-table w-full border-collapse text-left" aria-label={label}>
          <thead className="bg-sunken text-muted">
            <tr>{head}</tr>
          </thead>
          <tbody className="divide-line divide-y">{children}</tbody>
        </table>
      </div>
    </div>
  )
}

/** A heading of a column. */
export function Th({ className, ...rest }: ComponentProps<'th'>) {
  return <th scope="col" {...rest} className={classNames('px-3 py-2 font-medium whitespace-nowrap', className)} />
}

/** A cell. */
export function Td({ className, ...rest }: ComponentProps<'td'>) {
  return <td {...rest} className={classNames('px-3 py-2 align-middle', className)} />
}
