import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import type { QueryClient } from '@tanstack/react-query'
import { isSignedOut, queryClient, sessionLost } from './api/client.ts'
import { keyQuery, keysQuery, readKeysSearch } from './api/keys.ts'
import { forgetEverything, sessionQuery, whoamiQuery } from './api/session.ts'
import { fileQuery } from './api/files.ts'
import { groupQuery, readGroupsSearch } from './api/groups.ts'
import { pinQuery, readPinsSearch } from './api/pins.ts'
import { readLinksSearch } from './api/links.ts'
import { partOf } from './lib/load-ahead.ts'
import { gatewayQuery, gatewaysQuery } from './api/gateways.ts'
import { readUsageSearch } from './api/usage.ts'
import { webhookQuery } from './api/webhooks.ts'
import { type FileSearch, type FilesSearch, paths } from './paths.ts'
import { beginAnew } from './shell/begun-anew.tsx'
import { ErrorPanel } from './shell/error-panel.tsx'
import { Layout } from './shell/layout.tsx'
import { NotFound } from './shell/not-found.tsx'
import { Waiting } from './shell/waiting.tsx'

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ notFoundComponent: NotFound })

/** Pages of those signed in: whoever is not is led to the sign-in page, and back afterwards. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Layout,
  async beforeLoad({ context, location }) {
    try {
      await Promise.all([
        context.queryClient.ensureQueryData(sessionQuery),
        context.queryClient.ensureQueryData(whoamiQuery),
      ])
    } catch (error) {
      if (!isSignedOut(error)) throw error
      // oxlint-disable-next-line typescript/only-throw-error -- how this router is told to go elsewhere
      throw redirect({ ...paths.signIn, search: { from: location.href } })
    }
  },
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad() {
    // oxlint-disable-next-line typescript/only-throw-error -- as above
    throw redirect(paths.files)
  },
})

const files = createRoute({
  getParentRoute: () => signedIn,
  path: '/files',
  validateSearch: readFilesSearch,
  component: lazyRouteComponent(
    partOf(() => import('./pages/files/files.tsx')),
    'FilesPage',
  ),
})

const groups = createRoute({
  getParentRoute: () => signedIn,
  path: '/groups',
  validateSearch: readGroupsSearch,
  component: lazyRouteComponent(
    partOf(() => import('./pages/groups/groups.tsx')),
    'GroupsPage',
  ),
})

const group = createRoute({
  getParentRoute: () => signedIn,
  path: '/groups/$network/$id',
  params: {
    parse: ({ network, id }) => ({ network: network === 'public' ? 'public' : 'private', id }) as const,
    stringify: (params) => params,
  },
  loader: ({ context, params }) => context.queryClient.prefetchQuery(groupQuery(params.network, params.id)),
  component: lazyRouteComponent(
    partOf(() => import('./pages/groups/group.tsx')),
    'GroupPage',
  ),
})

const pins = createRoute({
  getParentRoute: () => signedIn,
  path: '/pins',
  validateSearch: readPinsSearch,
  component: lazyRouteComponent(
    partOf(() => import('./pages/pins/pins.tsx')),
    'PinsPage',
  ),
})

const pin = createRoute({
  getParentRoute: () => signedIn,
  path: '/pins/$id',
  loader: ({ context, params }) => context.queryClient.prefetchQuery(pinQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('./pages/pins/pin.tsx')),
    'PinPage',
  ),
})

const links = createRoute({
  getParentRoute: () => signedIn,
  path: '/links',
  validateSearch: readLinksSearch,
  component: lazyRouteComponent(
    partOf(() => import('./pages/links/links.tsx')),
    'LinksPage',
  ),
})

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys',
  validateSearch: readKeysSearch,
  // Not asked for by the filter: what is chosen or typed on the page never waits for the server.
  loader: ({ context, location }) =>
    context.queryClient.prefetchInfiniteQuery(keysQuery(readKeysSearch({ ...location.search }))),
  component: lazyRouteComponent(
    partOf(() => import('./pages/keys/keys.tsx')),
    'KeysPage',
  ),
})

const newKey = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys/new',
  validateSearch: ({ preset }): { preset?: string } => (typeof preset === 'string' ? { preset } : {}),
  component: lazyRouteComponent(
    partOf(() => import('./pages/keys/new-key.tsx')),
    'NewKeyPage',
  ),
})

const key = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys/$id',
  loader: ({ context, params }) => context.queryClient.prefetchQuery(keyQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('./pages/keys/key.tsx')),
    'KeyPage',
  ),
})

const file = createRoute({
  getParentRoute: () => signedIn,
  path: '/files/$id',
  validateSearch: ({ path, entry }): FileSearch => ({
    ...(typeof path === 'string' && path !== '' ? { path } : {}),
    ...(typeof entry === 'string' && entry !== '' ? { entry } : {}),
  }),
  loader: ({ context, params }) => context.queryClient.prefetchQuery(fileQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('./pages/file/file.tsx')),
    'FilePage',
  ),
})

const gateways = createRoute({
  getParentRoute: () => signedIn,
  path: '/gateways',
  loader: ({ context }) => context.queryClient.prefetchInfiniteQuery(gatewaysQuery),
  component: lazyRouteComponent(
    partOf(() => import('./pages/gateways/gateways.tsx')),
    'GatewaysPage',
  ),
})

const gateway = createRoute({
  getParentRoute: () => signedIn,
  path: '/gateways/$id',
  loader: ({ context, params }) => context.queryClient.prefetchQuery(gatewayQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('./pages/gateways/gateway.tsx')),
    'GatewayPage',
  ),
})

const usage = createRoute({
  getParentRoute: () => signedIn,
  path: '/usage',
  validateSearch: readUsageSearch,
  component: lazyRouteComponent(
    partOf(() => import('./pages/usage/usage.tsx')),
    'UsagePage',
  ),
})

const webhooks = createRoute({
  getParentRoute: () => signedIn,
  path: '/webhooks',
  component: lazyRouteComponent(
    partOf(() => import('./pages/webhooks/webhooks.tsx')),
    'WebhooksPage',
  ),
})

const webhook = createRoute({
  getParentRoute: () => signedIn,
  path: '/webhooks/$id',
  loader: ({ context, params }) => context.queryClient.prefetchQuery(webhookQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('./pages/webhooks/webhook.tsx')),
    'WebhookPage',
  ),
})

const connect = createRoute({
  getParentRoute: () => signedIn,
  path: '/connect',
  validateSearch: ({ tool, form }): { tool?: string; form?: 'headers' } => ({
    ...(typeof tool === 'string' ? { tool } : {}),
    ...(form === 'headers' ? { form } : {}),
  }),
  component: lazyRouteComponent(
    partOf(() => import('./pages/connect/connect-page.tsx')),
    'ConnectPage',
  ),
})

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit',
  validateSearch: ({ action }): { action?: string } => (typeof action === 'string' && action !== '' ? { action } : {}),
  component: lazyRouteComponent(
    partOf(() => import('./pages/audit/audit-page.tsx')),
    'AuditPage',
  ),
})

const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/account',
  component: lazyRouteComponent(
    partOf(() => import('./pages/account/account-page.tsx')),
    'AccountPage',
  ),
})

const operator = createRoute({
  getParentRoute: () => signedIn,
  path: '/operator',
  validateSearch: ({ name, state }): { name?: string; state?: 'enabled' | 'disabled' } => ({
    ...(typeof name === 'string' && name !== '' ? { name } : {}),
    ...(state === 'enabled' || state === 'disabled' ? { state } : {}),
  }),
  component: lazyRouteComponent(
    partOf(() => import('./pages/operator/operator-page.tsx')),
    'OperatorPage',
  ),
})

const node = createRoute({
  getParentRoute: () => signedIn,
  path: '/node',
  component: lazyRouteComponent(
    partOf(() => import('./pages/node/node-page.tsx')),
    'NodePage',
  ),
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  // Where to go on afterwards; anything but a path of ours is passed over where it is used.
  validateSearch: ({ from }): { from?: string } => (typeof from === 'string' ? { from } : {}),
  component: lazyRouteComponent(
    partOf(() => import('./pages/sign-in.tsx')),
    'SignInPage',
  ),
})

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(
    partOf(() => import('./pages/set-up.tsx')),
    'SetUpPage',
  ),
})

const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite',
  component: lazyRouteComponent(
    partOf(() => import('./pages/invite.tsx')),
    'InvitePage',
  ),
})

const resetPassword = createRoute({
  getParentRoute: () => root,
  path: '/reset-password',
  component: lazyRouteComponent(
    partOf(() => import('./pages/reset-password.tsx')),
    'ResetPasswordPage',
  ),
})

/** The console's pages, each loaded when it is first gone to. */
export const router = createRouter({
  routeTree: root.addChildren([
    home,
    signIn,
    setUp,
    invite,
    resetPassword,
    signedIn.addChildren([
      files,
      file,
      groups,
      group,
      pins,
      pin,
      links,
      gateways,
      gateway,
      usage,
      keys,
      newKey,
      key,
      connect,
      webhooks,
      webhook,
      audit,
      account,
      node,
      operator,
    ]),
  ]),
  context: { queryClient },
  defaultPreload: 'intent',
  // The query cache knows what is fresh.
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 300,
  defaultPendingMinMs: 0,
  defaultPendingComponent: Waiting,
  defaultErrorComponent: PageError,
  scrollRestoration: true,
})

/** What anybody may have written into the address; what makes no sense there is passed over. */
function readFilesSearch({ network, q, kv, type, group, order }: Record<string, unknown>): FilesSearch {
  const pairs = Object.entries(typeof kv === 'object' && kv !== null ? kv : {}).flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [[key, String(value)] as const]
      : [],
  )
  return {
    ...(network === 'public' || network === 'private' ? { network } : {}),
    ...((typeof q === 'string' || typeof q === 'number') && q !== '' ? { q: String(q) } : {}),
    ...(pairs.length > 0 ? { kv: Object.fromEntries(pairs) } : {}),
    ...(typeof type === 'string' && type !== '' ? { type } : {}),
    ...(typeof group === 'string' && group !== '' ? { group } : {}),
    ...(order === 'oldest' ? { order } : {}),
  }
}

function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <div className="mx-auto w-full max-w-2xl p-4">
      <ErrorPanel
        error={error}
        onRetry={() => {
          void queryClient.invalidateQueries()
          void router.invalidate()
          reset()
        }}
      />
    </div>
  )
}

sessionLost.onSignedOut = () => {
  const from = router.state.location.href
  forgetEverything()
  void router.navigate({ ...paths.signIn, search: { from } })
}
sessionLost.onChanged = () => beginAnew({ isNoticed: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
