/** Every link of the console, for `<Link {...paths.file(id)}>` and `navigate(paths.files)`. */
export const paths = {
  files: { to: '/files' },
  file: (id: string) => ({ to: '/files/$id', params: { id } }) as const,
  keys: { to: '/keys' },
  newKey: { to: '/keys/new' },
  key: (id: string) => ({ to: '/keys/$id', params: { id } }) as const,
  connect: { to: '/connect' },
  connectTool: (tool: string, form: 'jwt' | 'headers') =>
    ({ to: '/connect', search: { tool, ...(form === 'headers' ? { form } : {}) } }) as const,
  audit: { to: '/audit' },
  auditOf: (action: string | undefined) => ({ to: '/audit', search: action === undefined ? {} : { action } }) as const,
  account: { to: '/account' },
  operator: { to: '/operator' },
  operatorOf: (search: { readonly name?: string; readonly state?: 'enabled' | 'disabled' }) =>
    ({ to: '/operator', search }) as const,
  signIn: { to: '/sign-in' },
  setUp: { to: '/setup' },
} as const
