import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { keyQuery, keysQuery, readKeysSearch } from '../api/keys.ts'
import { readUsageSearch } from '../api/usage.ts'
import { readDeliveriesSearch, webhookQuery } from '../api/webhooks.ts'
import { partOf } from '../lib/load-ahead.ts'
import type { AuditSearch } from '../paths.ts'
import { signedIn } from './root.tsx'

const keys = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys',
  validateSearch: readKeysSearch,
  // Not asked for by the filter: what is chosen or typed on the page never waits for the server.
  loader: ({ context, location }) =>
    context.queryClient.prefetchInfiniteQuery(keysQuery(readKeysSearch({ ...location.search }))),
  component: lazyRouteComponent(
    partOf(() => import('../pages/keys/keys.tsx')),
    'KeysPage',
  ),
})

const newKey = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys/new',
  validateSearch: ({ preset, like }): { preset?: string; like?: string } => ({
    ...(typeof preset === 'string' ? { preset } : {}),
    ...(typeof like === 'string' && like !== '' ? { like } : {}),
  }),
  component: lazyRouteComponent(
    partOf(() => import('../pages/keys/new-key.tsx')),
    'NewKeyPage',
  ),
})

const key = createRoute({
  getParentRoute: () => signedIn,
  path: '/keys/$id',
  loader: ({ context, params }) => context.queryClient.prefetchQuery(keyQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('../pages/keys/key.tsx')),
    'KeyPage',
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
    partOf(() => import('../pages/connect/connect-page.tsx')),
    'ConnectPage',
  ),
})

const webhooks = createRoute({
  getParentRoute: () => signedIn,
  path: '/webhooks',
  component: lazyRouteComponent(
    partOf(() => import('../pages/webhooks/webhooks.tsx')),
    'WebhooksPage',
  ),
})

const webhook = createRoute({
  getParentRoute: () => signedIn,
  path: '/webhooks/$id',
  validateSearch: readDeliveriesSearch,
  loader: ({ context, params }) => context.queryClient.prefetchQuery(webhookQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('../pages/webhooks/webhook.tsx')),
    'WebhookPage',
  ),
})

const usage = createRoute({
  getParentRoute: () => signedIn,
  path: '/usage',
  validateSearch: readUsageSearch,
  component: lazyRouteComponent(
    partOf(() => import('../pages/usage/usage.tsx')),
    'UsagePage',
  ),
})

const auditTexts = ['action', 'actor', 'target', 'address', 'since', 'until'] as const

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: '/audit',
  validateSearch: ({ result, ...search }): AuditSearch => ({
    ...Object.fromEntries(
      auditTexts.flatMap((name) => {
        const value = search[name]
        return typeof value === 'string' && value !== '' ? [[name, value]] : []
      }),
    ),
    ...(result === 'ok' || result === 'refused' ? { result } : {}),
  }),
  component: lazyRouteComponent(
    partOf(() => import('../pages/audit/audit-page.tsx')),
    'AuditPage',
  ),
})

/** Pages of the programs that use an account, and of what they do. */
export const accessPages = [keys, newKey, key, connect, webhooks, webhook, usage, audit] as const
