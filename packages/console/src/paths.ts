/** Every link of the console, for `<Link {...paths.file(id)}>` and `navigate(paths.files)`. */
export const paths = {
  files: { to: '/files' },
  file: (id: string) => ({ to: '/files/$id', params: { id } }) as const,
  keys: { to: '/keys' },
  newKey: { to: '/keys/new' },
  key: (id: string) => ({ to: '/keys/$id', params: { id } }) as const,
  connect: { to: '/connect' },
  audit: { to: '/audit' },
  account: { to: '/account' },
  operator: { to: '/operator' },
  signIn: { to: '/sign-in' },
  setUp: { to: '/setup' },
} as const
