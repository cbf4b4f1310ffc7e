/** What the list of files shows, as it stands in the address. */
export interface FilesSearch {
  readonly network?: 'public' | 'private'
  /** Part of a name, or a CID. */
  readonly q?: string
  /** Key-values that the files have. */
  readonly kv?: Readonly<Record<string, string>>
  /** MIME type. */
  readonly type?: string
  /** The id of a group; `none`: without one. */
  readonly group?: string
  readonly order?: 'oldest'
}

/** Which groups the list shows, as it stands in the address. */
export interface GroupsSearch {
  readonly network?: 'public' | 'private'
  /** Part of a name. */
  readonly q?: string
  /** Whether the dialog that makes a group is open. */
  readonly add?: true
}

/** Which pins by CID the list shows, as it stands in the address. */
export interface PinsSearch {
  /** Some statuses, separated by commas. */
  readonly status?: string
  /** Part of a name, or a CID. */
  readonly q?: string
  /** Whether the dialog that asks for a pin is open. */
  readonly add?: true
}

/** Which keys the list shows, as it stands in the address. */
export interface KeysSearch {
  readonly state?: 'active' | 'exhausted' | 'revoked' | 'expired' | undefined
  /** Only those with max uses, or only those without. */
  readonly limited?: boolean | undefined
  /** Only keys below this one, however deep. */
  readonly within?: string | undefined
  /** Contained in the name, without case. */
  readonly name?: string | undefined
}

/** Which links the list shows, as it stands in the address. */
export interface LinksSearch {
  readonly kind?: 'upload' | 'download' | undefined
  /** Those that ended too. */
  readonly ended?: true | undefined
  /** Of this file alone. */
  readonly file?: string | undefined
  /** Whether the dialog that makes an upload link is open. */
  readonly add?: true | undefined
}

/** Which deliveries of a webhook are shown, as it stands in the address. */
export interface DeliveriesSearch {
  readonly state?: 'pending' | 'delivered' | 'failed' | undefined
}

/** Which names the list shows, as it stands in the address. */
export interface NamesSearch {
  /** Only those that lead to this CID. */
  readonly cid?: string
}

/** What the page of usage shows, as it stands in the address. */
export interface UsageSearch {
  /** Without it the last 30 days. */
  readonly span?: 'week' | 'month' | 'quarter' | 'year' | undefined
  readonly by?: 'day' | 'week' | 'month' | undefined
  readonly top?: 'file_name' | 'cid' | 'referer' | 'user_agent' | undefined
  readonly show?: 'requests' | 'bandwidth' | undefined
}

/** Which lines of the audit log are shown, as it stands in the address. */
export interface AuditSearch {
  readonly action?: string | undefined
  /** Who did it: an id, or a kind such as `machine`. */
  readonly actor?: string | undefined
  readonly target?: string | undefined
  readonly address?: string | undefined
  readonly result?: 'ok' | 'refused' | undefined
  /** Days. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** Where inside a folder one is: the folder below the root, and the file in it that is shown. */
export interface FileSearch {
  readonly path?: string
  readonly entry?: string
}

/** The address of a file, for lists with too many links to have the router follow each of them. */
export function fileHref(id: string): string {
  return `/files/${encodeURIComponent(id)}`
}

/** The address of a pin by CID, for the same. */
export function pinHref(id: string): string {
  return `/pins/${encodeURIComponent(id)}`
}

/** Every link of the console, for `<Link {...paths.file(id)}>` and `navigate(paths.files)`. */
export const paths = {
  files: { to: '/files' },
  filesBy: (search: FilesSearch) => ({ to: '/files', search }) as const,
  file: (id: string) => ({ to: '/files/$id', params: { id } }) as const,
  fileAt: (id: string, search: FileSearch) => ({ to: '/files/$id', params: { id }, search }) as const,
  groups: { to: '/groups' },
  groupsBy: (search: GroupsSearch) => ({ to: '/groups', search }) as const,
  group: (network: 'public' | 'private', id: string) =>
    ({ to: '/groups/$network/$id', params: { network, id } }) as const,
  pins: { to: '/pins' },
  pinsBy: (search: PinsSearch) => ({ to: '/pins', search }) as const,
  newPin: { to: '/pins', search: { add: true } },
  pin: (id: string) => ({ to: '/pins/$id', params: { id } }) as const,
  links: { to: '/links' },
  linksBy: (search: LinksSearch) => ({ to: '/links', search }) as const,
  names: { to: '/names' },
  name: (id: string) => ({ to: '/names/$id', params: { id } }) as const,
  namesBy: (search: NamesSearch) => ({ to: '/names', search }) as const,
  keys: { to: '/keys' },
  keysBy: (search: KeysSearch) => ({ to: '/keys', search }) as const,
  newKey: { to: '/keys/new' },
  newKeyFrom: (preset: string) => ({ to: '/keys/new', search: { preset } }) as const,
  /** A key with less: what another was used for, within the same bounds. */
  newKeyLike: (id: string) => ({ to: '/keys/new', search: { like: id } }) as const,
  key: (id: string) => ({ to: '/keys/$id', params: { id } }) as const,
  webhooks: { to: '/webhooks' },
  webhook: (id: string) => ({ to: '/webhooks/$id', params: { id } }) as const,
  webhookBy: (id: string, search: DeliveriesSearch) => ({ to: '/webhooks/$id', params: { id }, search }) as const,
  gateways: { to: '/gateways' },
  gateway: (id: string) => ({ to: '/gateways/$id', params: { id } }) as const,
  usage: { to: '/usage' },
  usageBy: (search: UsageSearch) => ({ to: '/usage', search }) as const,
  connect: { to: '/connect' },
  connectTool: (tool: string, form: 'jwt' | 'headers') =>
    ({ to: '/connect', search: { tool, ...(form === 'headers' ? { form } : {}) } }) as const,
  audit: { to: '/audit' },
  auditOf: (search: AuditSearch) => ({ to: '/audit', search }) as const,
  account: { to: '/account' },
  node: { to: '/node' },
  operator: { to: '/operator' },
  health: { to: '/operator/health' },
  operatorOf: (search: { readonly name?: string; readonly state?: 'enabled' | 'disabled' }) =>
    ({ to: '/operator', search }) as const,
  signIn: { to: '/sign-in' },
  signUp: { to: '/sign-up' },
  setUp: { to: '/setup' },
} as const
