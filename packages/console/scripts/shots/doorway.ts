import type { Shot } from '../shot.ts'

/** Pages of those who are not signed in yet. */
export const doorwayShots: readonly Shot[] = [
  { name: 'sign-in', path: () => '/sign-in', heading: 'Sign in', signedOut: true },
  {
    name: 'set-up',
    path: () => '/setup#token=sample',
    heading: 'Set up',
    signedOut: true,
    before: (page) => page.route('**/pinyon/v1/setup', (route) => route.fulfill({ json: { done: false } })),
  },
  {
    name: 'invite',
    path: ({ inviteToken }) => `/invite#token=${inviteToken}`,
    heading: 'Accept invite',
    signedOut: true,
  },
  { name: 'invite-unknown', path: () => '/invite#token=unknown', heading: 'Accept invite', signedOut: true },
  { name: 'reset-password', path: () => '/reset-password#token=sample', heading: 'New password', signedOut: true },
  {
    name: 'sign-up',
    path: () => '/sign-up',
    heading: 'Ask for an account',
    signedOut: true,
    before: (page) => page.route('**/pinyon/v1/sign-up', (route) => route.fulfill({ json: { mode: 'request' } })),
  },
  {
    name: 'sign-up-link',
    path: () => '/sign-up#token=sample',
    heading: 'Join',
    signedOut: true,
    before: (page) =>
      page.route('**/pinyon/v1/sign-up/look', (route) =>
        route.fulfill({ json: { expiresAt: '2027-01-01T12:00:00.000Z', quotaBytes: 50_000_000_000 } }),
      ),
  },
]
