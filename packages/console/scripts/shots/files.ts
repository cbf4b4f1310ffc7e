import type { Shot } from '../shot.ts'

/** Files, uploads and groups. */
export const filesShots: readonly Shot[] = [
  { name: 'files', path: () => '/files', heading: 'Files' },
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
  {
    name: 'files-empty',
    path: () => '/files?network=private',
    heading: 'Files',
    async before(page) {
      await page.route('**/v3/files/private?*', (route) =>
        route.fulfill({ json: { data: { files: [], next_page_token: null } } }),
      )
    },
  },
  {
    name: 'files-move',
    path: () => '/files',
    heading: 'Files',
    async act(page) {
      await page.getByRole('checkbox', { name: 'Select pines.jpg' }).click()
      await page.getByRole('button', { name: 'Move to group' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'api-call',
    path: () => '/files?q=cone',
    heading: 'Files',
    async act(page) {
      await page.getByRole('button', { name: 'As API call' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'groups-delete',
    path: ({ groupId }) => `/groups/public/${groupId}`,
    heading: 'Cones of 2026',
    act: (page) => page.getByRole('button', { name: 'Delete', exact: true }).click(),
  },
  { name: 'no-page', path: () => '/no-such-page', heading: /./ },
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
  {
    name: 'palette',
    path: () => '/files',
    heading: 'Files',
    async act(page) {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Go to or do' }).fill('cone')
      await page.getByRole('option', { name: 'Cones of 2026' }).waitFor()
    },
  },
  {
    name: 'keys-of-keyboard',
    path: () => '/files',
    heading: 'Files',
    async act(page) {
      await page.getByRole('row', { name: /pines.jpg/ }).waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    },
  },
  {
    name: 'undo',
    path: ({ textId }) => `/files/${textId}`,
    heading: 'board-minutes.md',
    async act(page) {
      await page.getByRole('button', { name: 'Rename' }).click()
      await page.getByRole('dialog').getByLabel('Name').fill('board-minutes-november.md')
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click()
      await page.getByRole('status', { name: 'Undo' }).getByText('Renamed').waitFor()
    },
    async after(page) {
      await page.keyboard.press('Control+z')
      await page.getByRole('heading', { name: 'board-minutes.md', level: 1 }).waitFor()
    },
  },
]
