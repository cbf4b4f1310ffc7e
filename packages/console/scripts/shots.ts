import type { Page } from 'playwright-core'
import { showSampleNode } from './sample-node.ts'
import { samplePin, showSamplePins } from './sample-pins.ts'
import { showSampleSignUps } from './sample-sign-ups.ts'
import type { Samples } from './seed-samples.ts'

/** A page to be photographed. */
export interface Shot {
  readonly name: string
  readonly path: (samples: Samples) => string
  readonly heading: string | RegExp
  readonly signedOut?: boolean
  /** What to arrange before the page is opened: an answer that a set-up server does not give. */
  readonly before?: (page: Page) => Promise<unknown>
  /** What to do on the page first: open a dialog, expand a tree. */
  readonly act?: (page: Page) => Promise<void>
}

/** Every page of the console, and the dialogs that matter most. */
export const shots: readonly Shot[] = [
  { name: 'sign-in', path: () => '/sign-in', heading: 'Sign in', signedOut: true },
  {
    name: 'set-up',
    path: () => '/setup#token=sample',
    heading: 'Set up',
    signedOut: true,
    before: (page) => page.route('**/pinyon/v1/setup', (route) => route.fulfill({ json: { done: false } })),
  },
  {
    name: 'invite',
    path: ({ inviteToken }) => `/invite#token=${inviteToken}`,
    heading: 'Accept invite',
    signedOut: true,
  },
  { name: 'invite-unknown', path: () => '/invite#token=unknown', heading: 'Accept invite', signedOut: true },
  { name: 'reset-password', path: () => '/reset-password#token=sample', heading: 'New password', signedOut: true },
  { name: 'files', path: () => '/files', heading: 'Files' },
  { name: 'webhooks', path: () => '/webhooks', heading: 'Webhooks' },
  { name: 'webhook', path: ({ webhookId }) => `/webhooks/${webhookId}`, heading: 'shop' },
  {
    name: 'webhook-new',
    path: () => '/webhooks',
    heading: 'Webhooks',
    async act(page) {
      await page.getByRole('button', { name: 'New webhook' }).click()
      await page.getByLabel('Some kinds').check()
    },
  },
  { name: 'gateways', path: () => '/gateways', heading: 'Gateways' },
  { name: 'gateway', path: ({ gatewayId }) => `/gateways/${gatewayId}`, heading: 'pine-gallery' },
  { name: 'names', path: () => '/names', heading: 'Names' },
  { name: 'name', path: ({ nameId }) => `/names/${nameId}`, heading: 'pines.example.org' },
  {
    name: 'name-publish',
    path: ({ nameId }) => `/names/${nameId}`,
    heading: 'pines.example.org',
    async act(page) {
      await page.getByRole('button', { name: 'Publish', exact: true }).click()
      await page.getByRole('radio', { name: 'pines.jpg' }).check()
    },
  },
  { name: 'usage', path: () => '/usage', heading: 'Usage' },
  { name: 'files-private', path: () => '/files?network=private', heading: 'Files' },
  {
    name: 'files-selected',
    path: () => '/files?kv=%7B"collection"%3A"cones"%7D&q=cone-1',
    heading: 'Files',
    async act(page) {
      await page.getByRole('checkbox', { name: 'Select cone-19.json' }).click()
      await page.getByRole('checkbox', { name: 'Select cone-15.json' }).click({ modifiers: ['Shift'] })
      await page.getByRole('button', { name: 'More for cone-17.json' }).click()
      await page.getByRole('menuitem', { name: 'Rename' }).waitFor()
    },
  },
  { name: 'groups', path: () => '/groups', heading: 'Groups' },
  { name: 'groups-empty', path: () => '/groups?network=private', heading: 'Groups' },
  { name: 'group', path: ({ groupId }) => `/groups/public/${groupId}`, heading: 'Cones of 2026' },
  {
    name: 'group-new',
    path: () => '/groups?network=private',
    heading: 'Groups',
    async act(page) {
      await page.getByRole('button', { name: 'New group' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'files-of-group', path: ({ groupId }) => `/files?group=${groupId}`, heading: 'Files' },
  {
    name: 'files-unpin',
    path: () => '/files',
    heading: 'Files',
    async act(page) {
      await page.getByRole('checkbox', { name: 'Select pines.jpg' }).click()
      await page.getByRole('checkbox', { name: 'Select cone-24.json' }).click()
      await page.getByRole('button', { name: 'Unpin' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'files-none',
    path: () => '/files?q=nothing-like-it',
    heading: 'Files',
    async act(page) {
      await page.getByRole('heading', { name: 'No file matches' }).waitFor()
    },
  },
  {
    name: 'upload',
    path: () => '/files',
    heading: 'Files',
    async act(page) {
      await page.getByRole('button', { name: 'Upload' }).click()
      await page.getByLabel('Files to upload').setInputFiles([
        { name: 'budget.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n') },
        { name: 'snapshot.car', mimeType: 'application/vnd.ipld.car', buffer: Buffer.alloc(2_000_000) },
      ])
      await page.getByRole('button', { name: 'Upload 2 files' }).waitFor()
    },
  },
  {
    name: 'uploads',
    path: () => '/files',
    heading: 'Files',
    async act(page) {
      await page.getByRole('button', { name: 'Upload' }).click()
      await page.getByLabel('Files to upload').setInputFiles([
        {
          name: 'board-minutes.md',
          mimeType: 'text/markdown',
          buffer: Buffer.from('# Minutes\n\nNothing leaves this room.\n'),
        },
        { name: 'broken.car', mimeType: 'application/vnd.ipld.car', buffer: Buffer.from('not a CAR') },
        { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(2_000_000, 1) },
        { name: 'זמן ארוך.txt', mimeType: 'text/plain', buffer: Buffer.from('x') },
      ])
      await page.getByLabel('Read as CAR').click()
      await page.getByRole('button', { name: 'Upload 4 files' }).click()
      await page.getByRole('heading', { name: /failed/ }).waitFor()
    },
  },
  { name: 'file', path: ({ photoId }) => `/files/${photoId}`, heading: 'pines.jpg' },
  { name: 'file-text', path: ({ textId }) => `/files/${textId}`, heading: 'board-minutes.md' },
  { name: 'file-folder', path: ({ folderId }) => `/files/${folderId}`, heading: 'site' },
  {
    name: 'file-keyvalues',
    path: ({ photoId }) => `/files/${photoId}`,
    heading: 'pines.jpg',
    async act(page) {
      await page.getByRole('button', { name: 'Edit key-values' }).click()
      await page.getByRole('button', { name: 'Add a key-value' }).click()
    },
  },
  { name: 'pins', path: () => '/pins', heading: 'Pins', before: showSamplePins },
  { name: 'pins-failed', path: () => '/pins?status=queued%2Cfailed', heading: 'Pins', before: showSamplePins },
  {
    name: 'pins-none',
    path: () => '/pins',
    heading: 'Pins',
    before: (page) =>
      page.route('**/pinyon/v1/pins?*', (route) => {
        const counts = { queued: 0, pinning: 0, pinned: 0, failed: 0 }
        return route.fulfill({ json: { pins: [], counts, nextPageToken: null } })
      }),
  },
  {
    name: 'pins-menu',
    path: () => '/pins',
    heading: 'Pins',
    before: showSamplePins,
    act: (page) => page.getByRole('button', { name: 'More for hello.txt' }).click(),
  },
  {
    name: 'pins-remove',
    path: () => '/pins',
    heading: 'Pins',
    before: showSamplePins,
    async act(page) {
      await page.getByRole('checkbox', { name: 'Select hello.txt' }).click()
      await page.getByRole('checkbox', { name: 'Select cones, all editions' }).click()
      await page.getByRole('button', { name: 'Remove', exact: true }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'pin-by-cid',
    path: () => '/pins',
    heading: 'Pins',
    before: showSamplePins,
    async act(page) {
      await page.getByRole('button', { name: 'Pin by CID' }).click()
      await page
        .getByLabel('CID', { exact: true })
        .fill('https://ipfs.io/ipfs/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/photos/pines.jpg')
      await page.getByRole('textbox', { name: 'Name' }).fill('pines.jpg')
    },
  },
  {
    name: 'pin-pinning',
    path: () => `/pins/${samplePin('pinning')}`,
    heading: 'cones, all editions',
    before: showSamplePins,
  },
  { name: 'pin-failed', path: () => `/pins/${samplePin('failed')}`, heading: /^Verträge/, before: showSamplePins },
  { name: 'pin-pinned', path: () => `/pins/${samplePin('pinned')}`, heading: 'hello.txt', before: showSamplePins },
  { name: 'links', path: () => '/links?ended=true', heading: 'Links' },
  { name: 'links-none', path: () => '/links?file=none', heading: 'Links' },
  {
    name: 'links-new',
    path: () => '/links',
    heading: 'Links',
    async act(page) {
      await page.getByRole('button', { name: 'New upload link' }).click()
      await page.getByRole('dialog').getByLabel('Types').fill('image/*, application/pdf')
    },
  },
  {
    name: 'file-share',
    path: ({ textId }) => `/files/${textId}`,
    heading: 'board-minutes.md',
    async act(page) {
      await page.getByRole('button', { name: 'Share' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click()
      await page.getByRole('dialog').getByRole('textbox', { name: 'Link' }).waitFor()
    },
  },
  { name: 'keys', path: () => '/keys', heading: 'API keys' },
  { name: 'keys-none', path: () => '/keys?name=nothing', heading: 'API keys' },
  {
    name: 'keys-menu',
    path: () => '/keys',
    heading: 'API keys',
    act: (page) => page.getByRole('button', { name: 'What to do with ci upload' }).click(),
  },
  {
    name: 'keys-revoke',
    path: () => '/keys',
    heading: 'API keys',
    async act(page) {
      await page.getByRole('button', { name: 'What to do with Set-up key' }).click()
      await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    },
  },
  { name: 'new-key', path: () => '/keys/new?preset=upload-only', heading: 'New API Key' },
  {
    name: 'new-key-tree',
    path: () => '/keys/new',
    heading: 'New API Key',
    async act(page) {
      await page.getByRole('button', { name: 'Create key' }).click()
      await page.getByRole('button', { name: /^Pinning \d/ }).click()
      await page.getByRole('switch', { name: 'pinFileToIPFS' }).click()
    },
  },
  {
    name: 'new-key-more',
    path: () => '/keys/new?preset=upload-only',
    heading: 'New API Key',
    async act(page) {
      const more = page.getByRole('region', { name: 'More' })
      await more.getByRole('button').click()
      await more.getByRole('switch', { name: 'Only its own files' }).click()
      await more.getByRole('textbox', { name: 'Types' }).fill('image/*')
      await more.getByRole('textbox', { name: 'All uploads' }).fill('10 GB')
    },
  },
  {
    name: 'new-key-created',
    path: () => '/keys/new?preset=upload-only',
    heading: 'New API Key',
    async act(page) {
      await page.getByRole('textbox', { name: 'Key Name' }).fill('website')
      await page.getByRole('button', { name: 'Create key' }).click()
      await page.getByRole('textbox', { name: 'JWT' }).waitFor()
    },
  },
  { name: 'key', path: ({ keyId }) => `/keys/${keyId}`, heading: 'ci upload' },
  { name: 'key-unknown', path: () => '/keys/none', heading: 'API key' },
  {
    name: 'key-regenerate',
    path: ({ keyId }) => `/keys/${keyId}`,
    heading: 'ci upload',
    act: (page) => page.getByRole('button', { name: 'Regenerate' }).click(),
  },
  { name: 'connect', path: () => '/connect', heading: 'Connect' },
  { name: 'connect-legacy', path: () => '/connect?tool=pinata-sdk&form=headers', heading: 'Connect' },
  {
    name: 'connect-test',
    path: () => '/connect?tool=gateway',
    heading: 'Connect',
    async act(page) {
      await page.getByLabel('JWT of a key').fill('mistyped')
      await page.getByRole('button', { name: 'Test', exact: true }).click()
      await page.getByText('answered 401').scrollIntoViewIfNeeded()
    },
  },
  { name: 'connect-run', path: () => '/connect?tool=run', heading: 'Connect' },
  { name: 'connect-kubo', path: () => '/connect?tool=kubo', heading: 'Connect' },
  { name: 'node', path: () => '/node', heading: 'Node', before: (page) => showSampleNode(page, 'reachable') },
  { name: 'node-private', path: () => '/node', heading: 'Node', before: (page) => showSampleNode(page, 'private') },
  { name: 'audit', path: () => '/audit', heading: 'Audit' },
  { name: 'account', path: () => '/account', heading: 'Account' },
  {
    name: 'account-invite',
    path: () => '/account',
    heading: 'Account',
    async act(page) {
      await page.getByRole('button', { name: 'Invite', exact: true }).click()
      await page.getByRole('textbox', { name: 'E-mail' }).last().fill('ben@example.test')
    },
  },
  {
    name: 'account-remove',
    path: () => '/account',
    heading: 'Account',
    act: (page) =>
      page
        .getByRole('button', { name: /^Remove / })
        .first()
        .click(),
  },
  {
    name: 'audit-filtered',
    path: () => '/audit?action=key.created&result=ok',
    heading: 'Audit',
    async act(page) {
      await page.getByRole('button', { name: 'Verify the whole log' }).click()
      await page.getByRole('status', { name: 'The whole log' }).getByText('none is missing').waitFor()
    },
  },
  {
    name: 'account-second-step',
    path: () => '/account',
    heading: 'Account',
    async act(page) {
      await page.getByRole('button', { name: 'Use an authenticator app' }).click()
      await page.getByRole('dialog').getByLabel('Password', { exact: true }).fill('correct horse battery')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('img', { name: /Picture/ }).waitFor()
    },
  },
  {
    name: 'sign-up',
    path: () => '/sign-up',
    heading: 'Ask for an account',
    signedOut: true,
    before: (page) => page.route('**/pinyon/v1/sign-up', (route) => route.fulfill({ json: { mode: 'request' } })),
  },
  {
    name: 'sign-up-link',
    path: () => '/sign-up#token=sample',
    heading: 'Join',
    signedOut: true,
    before: (page) =>
      page.route('**/pinyon/v1/sign-up/look', (route) =>
        route.fulfill({ json: { expiresAt: '2027-01-01T12:00:00.000Z', quotaBytes: 50_000_000_000 } }),
      ),
  },
  { name: 'operator', path: () => '/operator', heading: 'Operator', before: showSampleSignUps },
  {
    name: 'operator-take-down',
    path: () => '/operator',
    heading: 'Operator',
    async act(page) {
      await page.getByRole('button', { name: 'Take content down' }).click()
      await page
        .getByRole('dialog')
        .getByLabel('CID')
        .fill('bafkreid2rn5xdup5tqjmolkueweelij4wv6ubinuxkjdabmzaom2wngmaa')
    },
  },
  {
    name: 'operator-new-account',
    path: () => '/operator',
    heading: 'Operator',
    async act(page) {
      await page.getByRole('button', { name: 'New account' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'operator-disable',
    path: () => '/operator',
    heading: 'Operator',
    async act(page) {
      await page.getByRole('button', { name: 'Change Larch Studio' }).click()
      await page.getByRole('menuitem', { name: 'Disable' }).click()
    },
  },
]
