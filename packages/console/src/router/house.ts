import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { partOf } from '../lib/load-ahead.ts'
import { signedIn } from './root.tsx'

const account = createRoute({
  getParentRoute: () => signedIn,
  path: '/account',
  component: lazyRouteComponent(
    partOf(() => import('../pages/account/account-page.tsx')),
    'AccountPage',
  ),
})

const node = createRoute({
  getParentRoute: () => signedIn,
  path: '/node',
  component: lazyRouteComponent(
    partOf(() => import('../pages/node/node-page.tsx')),
    'NodePage',
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
    partOf(() => import('../pages/operator/operator-page.tsx')),
    'OperatorPage',
  ),
})

const health = createRoute({
  getParentRoute: () => signedIn,
  path: '/operator/health',
  component: lazyRouteComponent(
    partOf(() => import('../pages/health/health-page.tsx')),
    'HealthPage',
  ),
})

/** Pages of the people, the node and the installation. */
export const housePages = [account, node, operator, health] as const
