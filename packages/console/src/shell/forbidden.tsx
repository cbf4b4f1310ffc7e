import { Empty } from '../ui/empty.tsx'

interface ForbiddenProps {
  /** What it takes, such as `account.audit`. */
  readonly permission: string
  /** Who can give it, in a sentence. */
  readonly children: string
}

/** A page that this person may not see: which permission it takes, and who can give it. */
export function Forbidden({ permission, children }: ForbiddenProps) {
  return (
    <Empty title="You may not see this">
      <p>
        It takes the permission <code className="font-mono">{permission}</code>, which you do not have in this account.
      </p>
      <p>{children}</p>
    </Empty>
  )
}
