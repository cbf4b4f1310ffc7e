import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { fileQuery, readFilesSearch } from '../api/files.ts'
import { gatewayQuery, gatewaysQuery } from '../api/gateways.ts'
import { groupQuery, readGroupsSearch } from '../api/groups.ts'
import { readLinksSearch } from '../api/links.ts'
import { nameQuery, namesQuery, readNamesSearch } from '../api/names.ts'
import { pinQuery, readPinsSearch } from '../api/pins.ts'
import { partOf } from '../lib/load-ahead.ts'
import type { FileSearch } from '../paths.ts'
import { signedIn } from './root.tsx'

const files = createRoute({
  getParentRoute: () => signedIn,
  path: '/files',
  validateSearch: readFilesSearch,
  component: lazyRouteComponent(
    partOf(() => import('../pages/files/files.tsx')),
    'FilesPage',
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
    partOf(() => import('../pages/file/file.tsx')),
    'FilePage',
  ),
})

const groups = createRoute({
  getParentRoute: () => signedIn,
  path: '/groups',
  validateSearch: readGroupsSearch,
  component: lazyRouteComponent(
    partOf(() => import('../pages/groups/groups.tsx')),
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
    partOf(() => import('../pages/groups/group.tsx')),
    'GroupPage',
  ),
})

const pins = createRoute({
  getParentRoute: () => signedIn,
  path: '/pins',
  validateSearch: readPinsSearch,
  component: lazyRouteComponent(
    partOf(() => import('../pages/pins/pins.tsx')),
    'PinsPage',
  ),
})

const pin = createRoute({
  getParentRoute: () => signedIn,
  path: '/pins/$id',
  loader: ({ context, params }) => context.queryClient.prefetchQuery(pinQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('../pages/pins/pin.tsx')),
    'PinPage',
  ),
})

const links = createRoute({
  getParentRoute: () => signedIn,
  path: '/links',
  validateSearch: readLinksSearch,
  component: lazyRouteComponent(
    partOf(() => import('../pages/links/links.tsx')),
    'LinksPage',
  ),
})

const gateways = createRoute({
  getParentRoute: () => signedIn,
  path: '/gateways',
  loader: ({ context }) => context.queryClient.prefetchInfiniteQuery(gatewaysQuery),
  component: lazyRouteComponent(
    partOf(() => import('../pages/gateways/gateways.tsx')),
    'GatewaysPage',
  ),
})

const gateway = createRoute({
  getParentRoute: () => signedIn,
  path: '/gateways/$id',
  loader: ({ context, params }) => context.queryClient.prefetchQuery(gatewayQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('../pages/gateways/gateway.tsx')),
    'GatewayPage',
  ),
})

const names = createRoute({
  getParentRoute: () => signedIn,
  path: '/names',
  validateSearch: readNamesSearch,
  // Not asked for by the filter: what is typed on the page never waits for the server.
  loader: ({ context, location }) =>
    context.queryClient.prefetchInfiniteQuery(namesQuery(readNamesSearch({ ...location.search }))),
  component: lazyRouteComponent(
    partOf(() => import('../pages/names/names.tsx')),
    'NamesPage',
  ),
})

const name = createRoute({
  getParentRoute: () => signedIn,
  path: '/names/$id',
  loader: ({ context, params }) => context.queryClient.prefetchQuery(nameQuery(params.id)),
  component: lazyRouteComponent(
    partOf(() => import('../pages/names/name.tsx')),
    'NamePage',
  ),
})

/** Pages of what is stored, and of how it is read. */
export const storedPages = [files, file, groups, group, pins, pin, links, names, name, gateways, gateway] as const
