import { scopes, type Granted } from '@pinyon/contract/permissions.ts'

/** What a user may be in an account. */
export type RoleName = 'owner' | 'member'

const owner: Granted = { admin: true, operator: false, resources: [], scopes: [] }

/** Everything but keys, people and settings; the key of a name leaves only with an owner. */
const member: Granted = {
  admin: false,
  operator: false,
  resources: ['org:files:write', 'org:groups:write', 'org:gateways:write', 'org:analytics:write'],
  scopes: scopes.filter((scope) => /^(data|pinning|files)\.|^account\.(get|usage)$|^names\.(?!export$)/.test(scope)),
}

/** What a role allows. Power over the installation is the user's own, not the role's. */
export function grantedTo(role: string, operator: boolean): Granted {
  return { ...(role === 'owner' ? owner : member), operator }
}
