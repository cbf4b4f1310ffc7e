import { showSampleUsage } from '../sample-usage.ts'
import type { Shot } from '../shot.ts'

/** Keys, tools, webhooks, usage and the audit log. */
export const accessShots: readonly Shot[] = [
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
  { name: 'usage', path: () => '/usage', heading: 'Usage', before: showSampleUsage },
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
  { name: 'audit', path: () => '/audit', heading: 'Audit' },
  {
    name: 'audit-filtered',
    path: () => '/audit?action=key.created&result=ok',
    heading: 'Audit',
    async act(page) {
      await page.getByRole('button', { name: 'Verify the whole log' }).click()
      await page.getByRole('status', { name: 'The whole log' }).getByText('none is missing').waitFor()
    },
  },
  { name: 'connect-ci', path: () => '/connect?tool=ci', heading: 'Connect' },
  { name: 'connect-react', path: () => '/connect?tool=react', heading: 'Connect' },
]
