import type { Name } from '../../api/names.ts'
import { Badge } from '../../ui/badge.tsx'

/** Whether a name leads somewhere, and whether there is something to know about it. */
export function NameState({ name }: { readonly name: Name }) {
  if (name.state === 'expired') return <Badge tone="danger">expired</Badge>
  if (name.state === 'unpublished') return <Badge>unpublished</Badge>
  if (name.warnings.length > 0) return <Badge tone="warn">not kept here</Badge>
  return <Badge tone="ok">published</Badge>
}
