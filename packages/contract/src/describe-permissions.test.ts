import { expect, it } from 'vitest'
import { describedParents, describePermissions } from './describe-permissions.ts'
import { presets, resources, scopes } from './permissions.ts'
import { routeList } from './routes.ts'

const tree = (...names: string[]) => {
  const made: Record<string, Record<string, boolean>> = {}
  for (const name of names) {
    const [parent = '', child = ''] = name.split('.')
    made[parent] = { ...made[parent], [child]: true }
  }
  return { endpoints: made }
}

it.each<[string, Parameters<typeof describePermissions>[0]]>([
  ['nothing', {}],
  ['nothing', { admin: false, endpoints: { files: { upload: false } } }],
  ['Admin', { admin: true, resources: ['org:read'], ...tree('files.upload') }],
  ['Admin, Operator', { admin: true, operator: true }],
  ['Operator', { operator: true }],
  ['list pins, upload files', tree('files.upload', 'data.pinList')],
  ['make API keys', tree('users.generateApiKey', 'keys.create')],
  ['7 endpoints', tree(...scopes.slice(0, 7))],
  ['read files, delete files', { resources: ['org:files:read'], ...tree('files.delete') }],
  ['Upload only', tree(...presets['upload-only'].scopes)],
  ['Everything but delete', tree(...presets['all-but-delete'].scopes)],
  ['Pinning service', tree(...presets['pinning-service'].scopes)],
])('says %s', (words, permissions) => {
  expect(describePermissions(permissions)).toBe(words)
})

it('has words for every set and every operation, and the rows that each opens', () => {
  for (const resource of resources) expect(describePermissions({ resources: [resource] })).toMatch(/^read/)
  const all = describedParents.flatMap((parent) => parent.endpoints)
  expect(all.map(({ scope }) => scope)).toEqual(scopes)
  expect(all.find(({ scope }) => scope === 'files.upload')).toEqual({
    scope: 'files.upload',
    words: 'upload files',
    routes: expect.arrayContaining([{ method: 'POST', path: '/v3/files' }]),
  })
  const opened = all.flatMap(({ routes }) => routes).length
  expect(opened).toBe(routeList.filter(({ scope }) => scope !== null).length)
})

it('names the parent routes as people know them, each once', () => {
  const names = describedParents.map(({ title }) => title)
  expect(names).toEqual(expect.arrayContaining(['Pinning', 'Data', 'Files', 'API keys', 'Account']))
  expect(new Set(names).size).toBe(names.length)
})

it('gives no rows to what is not there yet', () => {
  const all = describedParents.flatMap((parent) => parent.endpoints)
  for (const { scope, routes } of all) {
    expect(routes.length > 0, scope).toBe(routeList.some((row) => row.scope === scope))
  }
})
