import { z } from 'zod'
import { route, type Route } from '../route.ts'
import { NetworkParams } from '../schemas/files.ts'
import {
  CreateGroup,
  Group,
  GroupFileParams,
  GroupList,
  GroupListQuery,
  GroupParams,
  UpdateGroup,
} from '../schemas/groups.ts'
import { defaults } from './defaults.ts'

const groups = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
  tag: 'Groups',
  keepsReach: true,
} as const satisfies Partial<Route>

/** POST /v3/groups/{network}. */
export const groupsCreate = route({
  ...groups,
  id: 'groupsCreate',
  method: 'POST',
  path: '/v3/groups/:network',
  aliases: [{ path: '/v3/files/groups', params: { network: 'private' } }],
  scope: 'groups.create',
  resource: 'org:groups:write',
  rateClass: 'write',
  params: NetworkParams,
  bodyKind: 'json',
  body: CreateGroup,
  response: z.object({ data: Group }),
  summary: 'Make a group',
})

/** GET /v3/groups/{network}. */
export const groupsList = route({
  ...groups,
  id: 'groupsList',
  method: 'GET',
  path: '/v3/groups/:network',
  aliases: [{ path: '/v3/files/groups', params: { network: 'private' } }],
  scope: 'groups.list',
  resource: 'org:groups:read',
  params: NetworkParams,
  query: GroupListQuery,
  response: z.object({ data: GroupList }),
  summary: 'List groups',
  description: 'Newest first.',
})

/** GET /v3/groups/{network}/{id}. */
export const groupsGet = route({
  ...groups,
  id: 'groupsGet',
  method: 'GET',
  path: '/v3/groups/:network/:id',
  aliases: [{ path: '/v3/files/groups/:id', params: { network: 'private' } }],
  scope: 'groups.get',
  resource: 'org:groups:read',
  params: GroupParams,
  response: z.object({ data: Group }),
  summary: 'Get a group',
})

/** PUT /v3/groups/{network}/{id}. */
export const groupsUpdate = route({
  ...groups,
  id: 'groupsUpdate',
  method: 'PUT',
  path: '/v3/groups/:network/:id',
  aliases: [{ path: '/v3/files/groups/:id', params: { network: 'private' } }],
  scope: 'groups.update',
  resource: 'org:groups:write',
  rateClass: 'write',
  params: GroupParams,
  bodyKind: 'json',
  body: UpdateGroup,
  response: z.object({ data: Group }),
  summary: 'Change a group',
})

/** DELETE /v3/groups/{network}/{id}. */
export const groupsDelete = route({
  ...groups,
  id: 'groupsDelete',
  method: 'DELETE',
  path: '/v3/groups/:network/:id',
  aliases: [{ path: '/v3/files/groups/:id', params: { network: 'private' } }],
  scope: 'groups.delete',
  resource: 'org:groups:write',
  rateClass: 'write',
  params: GroupParams,
  response: z.object({ data: z.null() }),
  summary: 'Delete a group',
  description: 'Its files stay, without a group.',
})

/** PUT /v3/groups/{network}/{id}/ids/{file_id}. */
export const groupsAddFile = route({
  ...groups,
  id: 'groupsAddFile',
  method: 'PUT',
  path: '/v3/groups/:network/:id/ids/:file_id',
  aliases: [{ path: '/v3/files/groups/:id/ids/:file_id', params: { network: 'private' } }],
  scope: 'groups.addFile',
  resource: 'org:groups:write',
  rateClass: 'write',
  params: GroupFileParams,
  response: z.object({ data: z.null() }),
  summary: 'Put a file into a group',
  description: 'It leaves the group that it was in: a file is in one at most.',
})

/** DELETE /v3/groups/{network}/{id}/ids/{file_id}. */
export const groupsRemoveFile = route({
  ...groups,
  id: 'groupsRemoveFile',
  method: 'DELETE',
  path: '/v3/groups/:network/:id/ids/:file_id',
  aliases: [{ path: '/v3/files/groups/:id/ids/:file_id', params: { network: 'private' } }],
  scope: 'groups.removeFile',
  resource: 'org:groups:write',
  rateClass: 'write',
  params: GroupFileParams,
  response: z.object({ data: z.null() }),
  summary: 'Take a file out of a group',
})
