import { samplePin, showSamplePins } from '../sample-pins.ts'
import type { Shot } from '../shot.ts'

/** Pins, links, gateways and names. */
export const storedShots: readonly Shot[] = [
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
]
