import type { Denials } from '../denials/denials.ts'
import type { Cid } from '../ipfs/cid.ts'
import type { Content } from './find-content.ts'
import type { GatewayRequest } from './read-request.ts'

/** A page that stands for what was asked for: its own path below the root or name, and the CIDs that this leads through. */
interface ShownPage {
  readonly segments: readonly string[]
  /** One for each segment, what the name leads to included; the page itself may be left out. */
  readonly roots: readonly Cid[]
}

/**
 * For a page that is shown under another path than its own (a folder's index.html, what `_redirects` leads to): lists
 * name pages by their own. Throws `content_taken_down`, `unavailable_for_legal_reasons`.
 */
export function requirePage(
  denials: Pick<Denials, 'requireName' | 'requirePath'>,
  { space, name }: Pick<GatewayRequest, 'space' | 'name'>,
  { root, leading }: Pick<Content, 'root' | 'leading'>,
  { segments, roots }: ShownPage,
): void {
  if (space === 'ipns') denials.requireName(name, segments)
  const all = [...leading, ...segments]
  denials.requirePath(root, all)
  for (const [i, cid] of roots.entries()) if (i > 0) denials.requirePath(cid, all.slice(i))
}
