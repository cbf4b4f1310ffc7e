import {
  Activity,
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
  Signpost,
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
      | '/names'
      | '/gateways'
      | '/usage'
      | '/keys'
      | '/connect'
      | '/webhooks'
      | '/audit'
      | '/account'
      | '/node'
      | '/operator'
      | '/operator/health'
  }
  readonly icon: LucideIcon
  /** Goes there after G. */
  readonly letter?: string
  /** Which part of the rail it stands in. */
  readonly part: 1 | 2 | 3
  readonly isForOperators?: true
}

const destinations: readonly Destination[] = [
  { label: 'Files', letter: 'f', link: paths.files, icon: FileText, part: 1 },
  { label: 'Groups', letter: 'r', link: paths.groups, icon: Folders, part: 1 },
  { label: 'Pins', letter: 'p', link: paths.pins, icon: Pin, part: 1 },
  { label: 'Links', letter: 'l', link: paths.links, icon: Link2, part: 1 },
  { label: 'Names', letter: 'n', link: paths.names, icon: Signpost, part: 1 },
  { label: 'Gateways', letter: 'g', link: paths.gateways, icon: Globe, part: 2 },
  { label: 'Usage', letter: 'u', link: paths.usage, icon: ChartColumn, part: 2 },
  { label: 'Keys', letter: 'k', link: paths.keys, icon: KeyRound, part: 2 },
  { label: 'Connect', letter: 'c', link: paths.connect, icon: Plug, part: 2 },
  { label: 'Webhooks', letter: 'w', link: paths.webhooks, icon: Webhook, part: 2 },
  { label: 'Account', letter: 'a', link: paths.account, icon: Users, part: 3 },
  { label: 'Audit', letter: 't', link: paths.audit, icon: ScrollText, part: 3 },
  { label: 'Node', letter: 'd', link: paths.node, icon: Network, part: 3, isForOperators: true },
  { label: 'Health', letter: 'h', link: paths.health, icon: Activity, part: 3, isForOperators: true },
  { label: 'Operator', letter: 'o', link: paths.operator, icon: Server, part: 3, isForOperators: true },
]

/** The pages that somebody signed in may go to; only operators have theirs. */
export function destinationsOf(session: SignedIn): readonly Destination[] {
  return destinations.filter(({ isForOperators }) => session.user.operator || isForOperators !== true)
}
