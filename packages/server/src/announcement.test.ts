import { expect, it } from 'vitest'
import { renderAnnouncement } from './announcement.ts'

const all = ['api', 'gateway', 'worker', 'node'] as const
const urls = { roles: all, apiUrl: 'http://127.0.0.1:8400', gatewayUrl: 'http://127.0.0.1:8480' }
const setup = { token: 'pnset_secret', tokenFile: '/data/setup-token' }

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
  expect(text).toContain('/data/setup-token')
  expect(text).not.toContain('pnset_secret')
})

it('says only where this process listens', () => {
  const text = renderAnnouncement({ ...urls, roles: ['gateway'], setup: undefined, isTerminal: true })
  expect(text).toContain('Pinyon is running: gateway.')
  expect(text).toContain('Gateway    http://127.0.0.1:8480/ipfs/')
  expect(text).not.toContain('8400')
})
