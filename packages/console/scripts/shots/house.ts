import { showSampleSignUps } from '../sample-sign-ups.ts'
import { showSampleNode } from '../sample-node.ts'
import { sampleFindings, showSampleHealth } from '../sample-health.ts'
import type { Shot } from '../shot.ts'

/** People, the node and the installation. */
export const houseShots: readonly Shot[] = [
  { name: 'node', path: () => '/node', heading: 'Node', before: (page) => showSampleNode(page, 'reachable') },
  { name: 'node-private', path: () => '/node', heading: 'Node', before: (page) => showSampleNode(page, 'private') },
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
  { name: 'health', path: () => '/operator/health', heading: 'Health', before: (page) => showSampleHealth(page) },
  {
    name: 'health-not-well',
    path: () => '/operator/health',
    heading: 'Health',
    before: (page) => showSampleHealth(page, sampleFindings),
  },
]
