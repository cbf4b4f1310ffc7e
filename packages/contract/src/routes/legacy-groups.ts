import { z } from 'zod'
import { route, type Route } from '../route.ts'
import { GroupCids, LegacyGroup, LegacyGroupListQuery, LegacyGroupName } from '../schemas/groups.ts'
import { defaults } from './defaults.ts'
import { IdParams } from './own/defaults.ts'

const groups = {
  ...defaults,
  dialect: 'legacy',
  credentials: ['key', 'session'],
  cors: 'echo',
  tag: 'Groups (legacy)',
  keepsReach: true,
} as const satisfies Partial<Route>

const write = { ...groups, resource: 'org:groups:write', rateClass: 'write' } as const

/** `OK`, as text. */
const ok = { response: z.literal('OK'), responseType: 'text/plain; charset=utf-8' } as const

/** POST /groups: a group of public files. */
export const legacyGroupsCreate = route({
  ...write,
  id: 'legacyGroupsCreate',
  method: 'POST',
  path: '/groups',
  scope: 'groups.create',
  bodyKind: 'json',
  body: LegacyGroupName,
  response: LegacyGroup,
  summary: 'Make a group of public files',
})

/** GET /groups. */
export const legacyGroupsList = route({
  ...groups,
  id: 'legacyGroupsList',
  method: 'GET',
  path: '/groups',
  scope: 'groups.list',
  resource: 'org:groups:read',
  query: LegacyGroupListQuery,
  response: z.array(LegacyGroup),
  summary: 'List groups of public files',
})

/** GET /groups/{id}. */
export const legacyGroupsGet = route({
  ...groups,
  id: 'legacyGroupsGet',
  method: 'GET',
  path: '/groups/:id',
  scope: 'groups.get',
  resource: 'org:groups:read',
  params: IdParams,
  response: LegacyGroup,
  summary: 'Get a group of public files',
})

/** PUT /groups/{id}. */
export const legacyGroupsUpdate = route({
  ...write,
  id: 'legacyGroupsUpdate',
  method: 'PUT',
  path: '/groups/:id',
  scope: 'groups.update',
  params: IdParams,
  bodyKind: 'json',
  body: LegacyGroupName,
  response: LegacyGroup,
  summary: 'Rename a group of public files',
})

/** DELETE /groups/{id}. */
export const legacyGroupsDelete = route({
  ...write,
  ...ok,
  id: 'legacyGroupsDelete',
  method: 'DELETE',
  path: '/groups/:id',
  scope: 'groups.delete',
  params: IdParams,
  summary: 'Delete a group of public files',
  description: 'Its files stay pinned.',
})

/** PUT /groups/{id}/cids. */
export const legacyGroupsAddCids = route({
  ...write,
  ...ok,
  id: 'legacyGroupsAddCids',
  method: 'PUT',
  path: '/groups/:id/cids',
  scope: 'groups.addFile',
  params: IdParams,
  bodyKind: 'json',
  body: GroupCids,
  summary: 'Put CIDs into a group',
  description: 'All public files of the account with these CIDs enter it. All CIDs must be pinned, or none enters.',
})

/** DELETE /groups/{id}/cids. */
export const legacyGroupsRemoveCids = route({
  ...write,
  ...ok,
  id: 'legacyGroupsRemoveCids',
  method: 'DELETE',
  path: '/groups/:id/cids',
  scope: 'groups.removeFile',
  params: IdParams,
  bodyKind: 'json',
  body: GroupCids,
  summary: 'Take CIDs out of a group',
})
