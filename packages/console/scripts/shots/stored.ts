import type { Page } from 'playwright-core'
import { samplePin, showSamplePins } from '../sample-pins.ts'
import type { Shot } from '../shot.ts'

/** Pins, links, gateways and names. */
export const storedShots: readonly Shot[] = [
  { name: 'gateways', path: () => '/gateways', heading: 'Gateways' },
  { name: 'gateway', path: ({ gatewayId }) => `/gateways/${gatewayId}`, heading: 'pine-gallery' },
  {
    name: 'gateways-none',
    path: () => '/gateways',
    heading: 'Gateways',
    before: (page) =>
      page.route('**/v3/gateways*', (route) => route.fulfill({ json: { data: { count: 0, rows: [] } } })),
  },
  {
    name: 'gateway-new',
    path: () => '/gateways',
    heading: 'Gateways',
    async act(page) {
      await page.getByRole('button', { name: 'New gateway' }).click()
      await page.getByRole('dialog').getByLabel('Name').fill('field-notes')
    },
  },
  {
    name: 'gateway-tried',
    path: ({ gatewayId }) => `/gateways/${gatewayId}`,
    heading: 'pine-gallery',
    async act(page) {
      await page.getByLabel('Path').fill('/ipfs/bafkreid2rn5xdup5tqjmolkueweelij4wv6ubinuxkjdabmzaom2wngmaa')
      await page.getByRole('button', { name: 'Try it' }).click()
      await page.getByRole('heading', { name: 'Plugins' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'gateway-delete',
    path: ({ gatewayId }) => `/gateways/${gatewayId}`,
    heading: 'pine-gallery',
    act: (page) => page.getByRole('button', { name: 'Delete', exact: true }).click(),
  },
  {
    name: 'names-none',
    path: () => '/names',
    heading: 'Names',
    before: (page) =>
      page.route('**/pinyon/v1/names*', (route) => route.fulfill({ json: { names: [], nextPageToken: null } })),
  },
  {
    name: 'name-new',
    path: () => '/names',
    heading: 'Names',
    async act(page) {
      await page.getByRole('button', { name: 'New name' }).click()
      await page.getByRole('dialog').getByRole('textbox').first().fill('field-notes')
    },
  },
  {
    name: 'name-import',
    path: () => '/names',
    heading: 'Names',
    act: (page) => page.getByRole('button', { name: 'Import key' }).click(),
  },
  {
    name: 'name-export',
    path: ({ nameId }) => `/names/${nameId}`,
    heading: 'pines.example.org',
    act: (page) => page.getByRole('button', { name: 'Export key' }).click(),
  },
  {
    name: 'name-roll-back',
    path: ({ nameId }) => `/names/${nameId}`,
    heading: 'pines.example.org',
    act: (page) =>
      page
        .getByRole('button', { name: /^Roll back/ })
        .first()
        .click(),
  },
  {
    name: 'name-remove',
    path: ({ nameId }) => `/names/${nameId}`,
    heading: 'pines.example.org',
    act: (page) => page.getByRole('button', { name: 'Remove', exact: true }).click(),
  },
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
    name: 'pins-remove-all',
    path: () => '/pins',
    heading: 'Pins',
    before: showSamplePins,
    act: (page) => actOnAllPins(page, 'Remove'),
  },
  {
    name: 'pins-retry-all',
    path: () => '/pins',
    heading: 'Pins',
    before: showSamplePins,
    act: (page) => actOnAllPins(page, 'Retry'),
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
]

async function actOnAllPins(page: Page, deed: 'Remove' | 'Retry'): Promise<void> {
  await page.getByRole('checkbox', { name: 'Select hello.txt' }).click()
  await page.getByRole('button', { name: /^Select all/ }).click()
  await page.getByRole('button', { name: deed, exact: true }).click()
  await page.getByRole('dialog').waitFor()
}
