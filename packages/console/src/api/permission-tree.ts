import { type DescribedParent, describedParents } from '@pinyon/contract/describe-permissions.ts'
import { allows, type Granted, type Scope } from '@pinyon/contract/permissions.ts'
import { routeList } from '@pinyon/contract/routes.ts'

/** What people look for first stands first; parents that are not named here come last. */
const order = ['pinning', 'data', 'files', 'groups', 'gateways', 'analytics', 'account', 'keys', 'psa', 'users']

/** All that can be granted by itself, below its parent route, in the order of the page New API Key. */
export const permissionTree: readonly DescribedParent[] = [...describedParents].sort(
  (a, b) => placeOf(a.parent) - placeOf(b.parent),
)

function placeOf(parent: string): number {
  const place = order.indexOf(parent)
  return place === -1 ? order.length : place
}

/** Whether what is granted opens an operation: by itself, by a set of operations, or as admin. */
export function opens(granted: Granted, scope: Scope): boolean {
  if (granted.admin || granted.scopes.includes(scope)) return true
  return routeList.some((row) => row.scope === scope && allows(granted, row))
}

/** The tree with what a search leaves of it: every word occurs in the name, the words or the path of an endpoint. */
export function searchTree(text: string): readonly DescribedParent[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return permissionTree
  return permissionTree
    .map((parent) => ({
      ...parent,
      endpoints: parent.endpoints.filter((endpoint) => {
        const paths = endpoint.routes.map(({ method, path }) => `${method} ${path}`)
        const all = [parent.title, endpoint.scope, endpoint.words, ...paths].join(' ').toLowerCase()
        return words.every((word) => all.includes(word))
      }),
    }))
    .filter(({ endpoints }) => endpoints.length > 0)
}
