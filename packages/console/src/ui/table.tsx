import type { ComponentProps, ReactNode } from 'react'
import { classNames } from '../lib/class-names.ts'
import { Button } from './button.tsx'

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

/** The heading of the column of deeds: where they stand says enough to those who see. */
export function ThDeeds() {
  return (
    <Th>
      <span className="sr-only">What to do</span>
    </Th>
  )
}

interface RowDeedProps {
  /** Says what is done with which row, to those who do not see where it stands. */
  readonly name: string
  readonly disabledBecause?: string | false | undefined
  readonly isBusy?: boolean
  readonly onClick: () => void
  readonly children: ReactNode
}

/** Something to be done with a row, in the calm look of all of them. */
export function RowDeed({ name, ...rest }: RowDeedProps) {
  return <Button look="quiet" size="small" aria-label={name} {...rest} />
}
