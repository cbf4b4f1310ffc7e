import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type Found, findAnythingQuery } from '../api/find-anything.ts'
import { useSavedViews } from '../api/saved-views.ts'
import { useSession } from '../api/session.ts'
import { useDebounced } from '../lib/use-debounced.ts'
import { paths } from '../paths.ts'
import { openChoosing } from '../uploads/choosing.ts'
import { destinationsOf } from './destinations.ts'
import { useSignOut } from './sign-out.ts'
import { applyTheme } from './theme.ts'

/** What the palette offers. */
export interface Command {
  readonly id: string
  readonly label: string
  /** What kind of thing it leads to, where the label is a name that people gave. */
  readonly kind?: string
  readonly run: () => void
}

const kinds = { file: 'File', pin: 'Pin', key: 'API key', group: 'Group' } as const

/** Everything that can be gone to or done that fits what was typed: pages and deeds first, then what the account has. */
export function useCommands(text: string, openKeys: () => void): readonly Command[] {
  const navigate = useNavigate()
  const session = useSession()
  const signOut = useSignOut()
  const { views } = useSavedViews()
  const { data: found = [] } = useQuery(findAnythingQuery(useDebounced(text, 150)))
  const known: readonly Command[] = [
    ...destinationsOf(session).map(({ label, link }) => go(`Go to ${label}`, () => void navigate(link))),
    go('Upload files', openChoosing),
    go('Pin by CID', () => void navigate(paths.newPin)),
    go('New API Key', () => void navigate(paths.newKey)),
    go('New group', () => void navigate(paths.groupsBy({ add: true }))),
    go('New upload link', () => void navigate(paths.linksBy({ add: true }))),
    go('Verify the audit log', () => void navigate(paths.audit)),
    go('Use a second step of signing in (TOTP)', () => void navigate(paths.account)),
    ...views.map(({ name, search }) => ({
      ...go(name, () => void navigate(paths.filesBy(search))),
      id: `view ${name}`,
      kind: 'View',
    })),
    go('Look: light', () => applyTheme('light')),
    go('Look: dark', () => applyTheme('dark')),
    go('Look: as the system', () => applyTheme('system')),
    go('Keys of the keyboard', openKeys),
    go('API reference', () => window.location.assign('/docs')),
    go('Sign out', () => signOut.mutate()),
  ]
  const words = text.toLowerCase().split(/\s+/)
  const open = (each: Found) => {
    if (each.kind === 'group') void navigate(paths.group(each.network, each.id))
    else if (each.kind === 'file') void navigate(paths.file(each.id))
    else if (each.kind === 'pin') void navigate(paths.pin(each.id))
    else void navigate(paths.key(each.id))
  }
  return [
    ...known.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word))),
    ...(text.trim().length < 2 ? [] : found).map((each) => ({
      id: `${each.kind} ${each.id}`,
      label: each.name,
      kind: kinds[each.kind],
      run: () => open(each),
    })),
  ]
}

function go(label: string, run: () => void): Command {
  return { id: label, label, run }
}
