import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { renderAnnouncement } from './announcement.ts'

const all = ['api', 'gateway', 'worker', 'node'] as const
const urls = { roles: all, apiUrl: 'http://127.0.0.1:8400', gatewayUrl: 'http://127.0.0.1:8480' }
const usualDataDir = fileURLToPath(new URL('../../../data', import.meta.url))
const setup = { token: 'pnset_secret', tokenFile: `${usualDataDir}/setup-token` }

it('says where console, API and gateway are', () => {
  const text = renderAnnouncement({ ...urls, setup: undefined, isTerminal: true })
  for (const url of ['Console    http://127.0.0.1:8400\n', 'http://127.0.0.1:8400/docs', 'http://127.0.0.1:8480/ipfs/'])
    expect(text).toContain(url)
  expect(text).not.toContain('set up')
})

it('shows the one-time link on a terminal, with the token in the fragment', () => {
  const text = renderAnnouncement({ ...urls, setup, isTerminal: true })
  expect(text).toContain('    http://127.0.0.1:8400/setup#token=pnset_secret\n')
  expect(text).toContain('    ./pinyon setup\n')
})

it('names the file elsewhere and shows no token', () => {
  const text = renderAnnouncement({ ...urls, setup, isTerminal: false })
  expect(text).toContain(`The set-up token is in ${setup.tokenFile}.`)
  expect(text).not.toContain('pnset_secret')
})

it.each([
  ['http://127.0.0.1:8400', setup.tokenFile, ''],
  ['http://127.0.0.1:9000', setup.tokenFile, ' --api http://127.0.0.1:9000'],
  ['http://127.0.0.1:8400', '/srv/pinyon/setup-token', ' --data-dir /srv/pinyon'],
  ['https://[::1]:1', "/srv/my pin's/setup-token", ` --api https://[::1]:1 --data-dir '/srv/my pin'\\''s'`],
  ['http://127.0.0.1:8400', undefined, ' --token "$PINYON_SETUP_TOKEN"'],
])('names a command that works in any terminal: %s, %s', (apiUrl, tokenFile, options) => {
  const text = renderAnnouncement({ ...urls, apiUrl, setup: { ...setup, tokenFile }, isTerminal: false })
  expect(text).toContain(`    ./pinyon setup${options}\n`)
})

it('names the address on this machine where others reach the API under another', () => {
  const apiUrl = 'https://pin.example.org'
  const local = (localUrl: string) => renderAnnouncement({ ...urls, apiUrl, localUrl, setup, isTerminal: true })
  expect(local('http://127.0.0.1:8400')).toContain('    ./pinyon setup\n')
  expect(local('http://127.0.0.1:9000')).toContain('    ./pinyon setup --api http://127.0.0.1:9000\n')
  expect(local('http://127.0.0.1:9000')).toContain('    https://pin.example.org/setup#token=')
})

it('says only where this process listens', () => {
  const text = renderAnnouncement({ ...urls, roles: ['gateway'], setup: undefined, isTerminal: true })
  expect(text).toContain('Pinyon is running: gateway.')
  expect(text).toContain('Gateway    http://127.0.0.1:8480/ipfs/')
  expect(text).not.toContain('8400')
})
