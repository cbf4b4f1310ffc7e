import type { DescribedEndpoint } from '@pinyon/contract/describe-permissions.ts'
import type { Granted } from '@pinyon/contract/permissions.ts'
import { Check, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { opens, permissionTree } from '../api/permission-tree.ts'

interface KeyAbilitiesProps {
  readonly granted: Granted
  /** Sentences on what ends it: uses, expiry. */
  readonly limits?: readonly string[]
}

/** What a key can and cannot do, in sentences. */
export function KeyAbilities({ granted, limits = [] }: KeyAbilitiesProps) {
  const parents = permissionTree.map(({ title, endpoints }) => ({
    title,
    opened: endpoints.filter(({ scope }) => opens(granted, scope)),
    // What no key can do yet is not said of this one.
    closed: endpoints.filter(({ scope, routes }) => routes.length > 0 && !opens(granted, scope)),
  }))
  const shut = parents.filter(({ opened }) => opened.length === 0)
  return (
    <div className="flex flex-col gap-4">
      <Part title="It can" icon={<Check className="text-ok" />}>
        {granted.admin ? (
          <li>do everything in this account: files, keys, people and settings;</li>
        ) : (
          parents
            .filter(({ opened }) => opened.length > 0)
            .map(({ title, opened }) => <Line key={title} title={title} endpoints={opened} />)
        )}
        {granted.operator && (
          <li>run this installation: make and disable accounts, set quotas, rotate the keys that sign JWTs;</li>
        )}
        <li>ask what it may do (whoami), which costs no use.</li>
      </Part>
      <Part title="It cannot" icon={<X className="text-danger" />}>
        {parents
          .filter(({ opened, closed }) => opened.length > 0 && closed.length > 0)
          .map(({ title, closed }) => (
            <Line key={title} title={title} endpoints={closed} />
          ))}
        {shut.length > 0 && <li>do anything in {or.format(shut.map(({ title }) => title))};</li>}
        <li>
          {granted.operator
            ? 'read the private files of other accounts.'
            : 'run this installation or see other accounts.'}
        </li>
      </Part>
      {limits.map((limit) => (
        <p key={limit} className="text-table">
          {limit}
        </p>
      ))}
    </div>
  )
}

interface PartProps {
  readonly title: string
  readonly icon: ReactNode
  readonly children: ReactNode
}

function Part({ title, icon, children }: PartProps) {
  return (
    <section aria-label={title} className="flex flex-col gap-1">
      <h3 className="flex items-center gap-2 font-medium [&_svg]:size-4">
        {icon}
        {title}
      </h3>
      <ul className="text-table flex max-w-prose flex-col gap-1 pl-6">{children}</ul>
    </section>
  )
}

function Line({ title, endpoints }: { readonly title: string; readonly endpoints: readonly DescribedEndpoint[] }) {
  return (
    <li>
      {wordsOf(endpoints)} <span className="text-muted">({title})</span>;
    </li>
  )
}

const and = new Intl.ListFormat('en', { type: 'conjunction' })
const or = new Intl.ListFormat('en', { type: 'disjunction' })

function wordsOf(endpoints: readonly DescribedEndpoint[]): string {
  const words = endpoints.map(({ words: say, routes }) =>
    routes.length === 0 ? `${say} (once this version can)` : say,
  )
  return and.format(new Set(words))
}
