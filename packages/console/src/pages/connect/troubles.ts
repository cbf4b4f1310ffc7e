/** Something that people get stuck on. */
export interface Trouble {
  readonly reason: string
  /** As `data/testAuthentication` answers it. */
  readonly status: number
  readonly title: string
  readonly todo: string
}

/** The four things that people get stuck on, and two more that look like them. */
export const troubles: readonly Trouble[] = [
  {
    reason: 'TOKEN_EXPIRED',
    status: 401,
    title: 'Expired',
    todo: 'The key has passed its expiry. Make a new key, with a later expiry or none.',
  },
  {
    reason: 'NO_SCOPES_FOUND',
    status: 403,
    title: 'Missing permission',
    todo:
      'The key works, but may not do this. data/testAuthentication asks for an admin key; ask /pinyon/v1/whoami with any ' +
      'other. Elsewhere the answer names the permission: make a key that has it.',
  },
  {
    reason: 'INVALID_CREDENTIALS',
    status: 401,
    title: 'Malformed header, or no key of this server',
    todo:
      'The header is Authorization: Bearer, one space, and the whole JWT: three parts with dots, no quotes, no line break. ' +
      'Keys made elsewhere, at Pinata too, are not known here.',
  },
  {
    reason: 'API_KEY_REVOKED',
    status: 403,
    title: 'Revoked or regenerated',
    todo: 'The key was ended, or has a new secret and JWT since. Use the new ones, or make a new key.',
  },
  {
    reason: 'KEY_USES_EXHAUSTED',
    status: 403,
    title: 'Used up',
    todo: 'The key was made for so many requests and has none left. Make a new key with more uses, or without a limit.',
  },
  {
    reason: 'ACCOUNT_DISABLED',
    status: 403,
    title: 'Account disabled',
    todo: 'The operator of this installation has disabled the account of this key. Its files stay; ask them.',
  },
]

/** What an answer means, if it is one of those. */
export function findTrouble(reason: string | undefined): Trouble | undefined {
  return troubles.find((trouble) => trouble.reason === reason)
}
