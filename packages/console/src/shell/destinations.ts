import {
  ChartColumn,
  FileText,
  Folders,
  Globe,
  KeyRound,
  Link2,
  type LucideIcon,
  Network,
  Pin,
  Plug,
  ScrollText,
  Server,
  Users,
  Webhook,
} from 'lucide-react'
import type { SignedIn } from '../api/session.ts'
import { paths } from '../paths.ts'

/** A page that the rail, the bottom bar and the palette lead to. */
interface Destination {
  readonly label: string
  readonly link: {
    readonly to:
      | '/files'
      | '/groups'
      | '/pins'
      | '/links'
      | '/gateways'
      | '/usage'
      | '/keys'
      | '/connect'
      | '/webhooks'
      | '/audit'
      | '/account'
      | '/node'
      | '/operator'
  }
  readonly icon: LucideIcon
  /** Which part of the rail it stands in. */
  readonly part: 1 | 2 | 3
  readonly isForOperators?: true
}

const destinations: readonly Destination[] = [
  { label: 'Files', link: paths.files, icon: FileText, part: 1 },
  { label: 'Groups', link: paths.groups, icon: Folders, part: 1 },
  { label: 'Pins', link: paths.pins, icon: Pin, part: 1 },
  { label: 'Links', link: paths.links, icon: Link2, part: 1 },
  { label: 'Gateways', link: paths.gateways, icon: Globe, part: 2 },
  { label: 'Usage', link: paths.usage, icon: ChartColumn, part: 2 },
  { label: 'Keys', link: paths.keys, icon: KeyRound, part: 2 },
  { label: 'Connect', link: paths.connect, icon: Plug, part: 2 },
  { label: 'Webhooks', link: paths.webhooks, icon: Webhook, part: 2 },
  { label: 'Account', link: paths.account, icon: Users, part: 3 },
  { label: 'Audit', link: paths.audit, icon: ScrollText, part: 3 },
  { label: 'Node', link: paths.node, icon: Network, part: 3, isForOperators: true },
  { label: 'Operator', link: paths.operator, icon: Server, part: 3, isForOperators: true },
]

/** The pages that somebody signed in may go to; only operators have theirs. */
export function destinationsOf(session: SignedIn): readonly Destination[] {
  return destinations.filter(({ isForOperators }) => session.user.operator || isForOperators !== true)
}
