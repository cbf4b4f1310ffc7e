/** Pinata's sets of operations, each the sum of rows of the route table that name it. `write` includes `read`. */
export const resources = [
  'org:read',
  'org:write',
  'org:files:read',
  'org:files:write',
  'org:groups:read',
  'org:groups:write',
  'org:gateways:read',
  'org:gateways:write',
  'org:analytics:read',
  'org:analytics:write',
] as const

/** One of Pinata's sets of operations. */
export type Resource = (typeof resources)[number]

/**
 * Every operation that can be granted by itself, grouped by its parent route: in `permissions.endpoints` as
 * `{ files: { upload: true } }`, in words `files.upload`. Legacy endpoints carry Pinata's names. A test holds this
 * tree and the route table against each other.
 */
export const endpoints = {
  data: ['testAuthentication', 'pinList', 'userPinnedDataTotal'],
  pinning: [
    'pinFileToIPFS',
    'pinJSONToIPFS',
    'unpin',
    'hashMetadata',
    'pinByHash',
    'pinJobs',
    'hashPinPolicy',
    'userPinPolicy',
  ],
  users: ['generateApiKey', 'apiKeys', 'revokeApiKey'],
  files: [
    'upload',
    'list',
    'get',
    'content',
    'receipt',
    'update',
    'delete',
    'import',
    'pinByCid',
    'pinByCidList',
    'pinByCidDelete',
  ],
  links: ['sign', 'list', 'revoke'],
  swaps: ['set', 'get', 'remove'],
  signatures: ['add', 'get', 'remove'],
  groups: ['create', 'list', 'get', 'update', 'delete', 'addFile', 'removeFile'],
  bulk: ['list', 'get', 'cancel'],
  psa: ['add', 'list', 'get', 'replace', 'remove'],
  keys: ['create', 'createChild', 'list', 'get', 'regenerate', 'revoke'],
  account: ['get', 'update', 'audit', 'usage', 'membersList', 'membersInvite', 'membersUpdate', 'membersRemove'],
  webhooks: ['create', 'list', 'get', 'update', 'delete', 'test', 'deliveries', 'resend', 'rotateSecret'],
  names: ['create', 'list', 'get', 'update', 'delete', 'publish', 'history', 'rollback', 'import', 'export', 'dnslink'],
  events: ['follow'],
  gateways: [
    'list',
    'get',
    'exists',
    'create',
    'delete',
    'getDomain',
    'addDomain',
    'checkDomain',
    'access',
    'tryAccess',
    'rules',
    'setRules',
    'removeDomain',
    'addToken',
    'removeToken',
    'addIp',
    'removeIp',
    'addHost',
    'removeHost',
    'plugins',
    'addPlugin',
    'removePlugin',
  ],
  analytics: ['top', 'timeSeries'],
} as const

/** The name of one grantable operation, such as `files.upload`. */
export type Scope = { [P in keyof typeof endpoints]: `${P}.${(typeof endpoints)[P][number]}` }[keyof typeof endpoints]

/** All grantable operations in the order of the tree. */
export const scopes: readonly Scope[] = Object.entries(endpoints).flatMap(
  ([parent, names]) => names.map((name) => `${parent}.${name}` as Scope), // the type is built from the same tree
)

/** What a key may do, as it is sent and answered; `schemas/permissions.ts` checks it. */
export interface Permissions {
  readonly admin?: boolean | undefined
  readonly operator?: boolean | undefined
  readonly resources?: readonly Resource[] | undefined
  readonly endpoints?: Readonly<Record<string, Readonly<Record<string, boolean | undefined>> | undefined>> | undefined
}

/** What a key may do, normalised: no duplicates, nothing that `admin` says already. */
export interface Granted {
  readonly admin: boolean
  readonly operator: boolean
  readonly resources: readonly Resource[]
  readonly scopes: readonly Scope[]
}

/** Nothing at all: what a caller without a credential may do. */
export const nothingGranted: Granted = { admin: false, operator: false, resources: [], scopes: [] }

/** Brings permissions as sent into one form. `admin` swallows resources and endpoints, as every client expects. */
export function normalisePermissions(sent: Permissions): Granted {
  const admin = sent.admin === true
  const operator = sent.operator === true
  if (admin) return { admin, operator, resources: [], scopes: [] }
  const given = sent.endpoints ?? {}
  return {
    admin,
    operator,
    resources: resources.filter((resource) => sent.resources?.includes(resource)),
    scopes: scopes.filter((scope) => {
      const [parent, name] = scope.split('.') as [string, string] // every scope has one dot
      return given[parent]?.[name] === true
    }),
  }
}

/** The wire form of what is granted: `endpoints` is always an object, since clients decode it as one. */
export function presentPermissions(granted: Granted): {
  admin: boolean
  operator?: true
  resources?: Resource[]
  endpoints: Record<string, Record<string, boolean>>
} {
  const tree: Record<string, Record<string, boolean>> = {}
  for (const scope of granted.scopes) {
    const [parent, name] = scope.split('.') as [string, string] // every scope has one dot
    tree[parent] = { ...tree[parent], [name]: true }
  }
  return {
    admin: granted.admin,
    ...(granted.operator ? { operator: true } : {}),
    ...(granted.resources.length > 0 ? { resources: [...granted.resources] } : {}),
    endpoints: tree,
  }
}

/** What a row of the route table asks of a caller. */
export interface Asked {
  readonly scope: Scope | null
  /** Other scopes that do as well: each list is enough when all of it is granted. */
  readonly others?: readonly (readonly Scope[])[] | undefined
  readonly resource?: Resource | undefined
  readonly operator?: boolean | undefined
}

/** Whether what is granted covers what a row asks for. `operator` is asked for by itself and never implied. */
export function allows(granted: Granted, asked: Asked): boolean {
  if (asked.operator === true) return granted.operator
  if (asked.scope === null || granted.admin) return true
  return granted.scopes.includes(asked.scope) || holdsInstead(granted, asked)
}

/** Whether what is granted opens a row without the scope that the row is named by. */
function holdsInstead(granted: Granted, { others = [], resource }: Asked): boolean {
  if (others.some((scopes) => scopes.every((scope) => granted.scopes.includes(scope)))) return true
  return resource !== undefined && holdsResource(granted, resource)
}

/** Whether the set `resource` is granted, by itself or by a larger one (`write` over `read`, `org:*` over all). */
function holdsResource(granted: Granted, resource: Resource): boolean {
  if (granted.admin) return true
  const held = granted.resources
  if (held.includes(resource) || held.includes('org:write')) return true
  if (!resource.endsWith(':read')) return false
  return held.includes('org:read') || held.includes(resource.replace(/:read$/, ':write') as Resource) // every read has its write
}

/** Whether a holder of `mine` may hand out, see or revoke a key with `theirs`: only what it holds itself. */
export function covers(mine: Granted, theirs: Granted, rows: readonly Asked[]): boolean {
  if (theirs.operator && !mine.operator) return false
  if (theirs.admin) return mine.admin
  if (mine.admin) return true
  if (!theirs.resources.every((resource) => holdsResource(mine, resource))) return false
  return theirs.scopes.every((scope) => {
    if (mine.scopes.includes(scope)) return true
    return rows.some((row) => row.scope === scope && holdsInstead(mine, row))
  })
}

/** In words, for error texts: how to get what a row asks for. */
export function describeAsked(asked: Asked): string {
  if (asked.operator === true) return 'the scope operator'
  if (asked.scope === null) return 'any valid key'
  const ways = [asked.scope, ...(asked.others ?? []).map((scopes) => scopes.join(' with '))]
  if (asked.resource !== undefined) ways.push(asked.resource)
  const last = ways.pop()
  return `${ways.length === 0 ? last : `${ways.join(', ')} or ${last}`} (or admin)`
}

/** Ready sets that people ask for; the CLI and the console offer them by these names. */
export const presets = {
  'upload-only': { title: 'Upload only', scopes: ['files.upload', 'pinning.pinFileToIPFS', 'pinning.pinJSONToIPFS'] },
  'read-only': {
    title: 'Read only',
    scopes: [
      'data.pinList',
      'data.userPinnedDataTotal',
      'pinning.pinJobs',
      'files.list',
      'files.get',
      'files.content',
      'files.pinByCidList',
      'groups.list',
      'groups.get',
      'psa.list',
      'psa.get',
    ],
  },
  'all-but-delete': {
    title: 'Everything but delete',
    scopes: [
      'data.pinList',
      'data.userPinnedDataTotal',
      'pinning.pinFileToIPFS',
      'pinning.pinJSONToIPFS',
      'pinning.hashMetadata',
      'pinning.pinByHash',
      'pinning.pinJobs',
      'files.upload',
      'files.list',
      'files.get',
      'files.content',
      'files.update',
      'files.pinByCid',
      'files.pinByCidList',
      'groups.create',
      'groups.list',
      'groups.get',
      'groups.update',
      'groups.addFile',
      'groups.removeFile',
      'psa.add',
      'psa.list',
      'psa.get',
    ],
  },
  'pinning-service': {
    title: 'Pinning service',
    scopes: ['psa.add', 'psa.list', 'psa.get', 'psa.replace', 'psa.remove'],
  },
} as const satisfies Record<string, { title: string; scopes: readonly Scope[] }>

/** The name of a ready set of scopes. */
export type Preset = keyof typeof presets
