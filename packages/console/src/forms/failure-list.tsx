import { messageOf } from '../api/explain.ts'
import type { Failure } from './end-each.ts'

interface FailureListProps {
  readonly failures: readonly Failure<{ readonly id: string; readonly name: string | null; readonly cid: string }>[]
  /** What could not be done, such as "2 of 5 could not be unpinned". */
  readonly title: string
}

/** Those that something could not be done to, each with the reason in the server's words. */
export function FailureList({ failures, title }: FailureListProps) {
  return (
    <div role="alert" className="text-danger flex flex-col gap-1">
      <p className="font-medium">{title}:</p>
      <ul className="text-table max-h-40 overflow-y-auto">
        {failures.slice(0, 100).map(({ item, error }) => (
          <li key={item.id} className="break-words">
            <bdi>{item.name ?? item.cid}</bdi>: {messageOf(error)}
          </li>
        ))}
      </ul>
    </div>
  )
}
