import { expect, it } from 'vitest'
import { readOwnPath } from './own-path.ts'

it.each(['/files', '/keys?state=active', '/files/0199?tab=links#top', '/files?q=a//b', '/files?q=https://a.example/'])(
  'takes %s for a path of its own',
  (path) => {
    expect(readOwnPath(path)).toBe(path)
  },
)

it.each([
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/files\\..\\evil',
  'https://evil.example/files',
  'https:evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '@evil.example',
  'evil.example/files',
  ' /files',
  '',
])('takes %j for none of its own', (path) => {
  expect(readOwnPath(path)).toBeUndefined()
})

it('cannot be led elsewhere by climbing', () => {
  expect(readOwnPath('/files/../..//evil.example')).toBeUndefined()
  expect(readOwnPath('/files/../keys')).toBe('/keys')
})
