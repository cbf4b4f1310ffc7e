import { Page } from '../ui/page.tsx'

/** All files of the account. */
export function FilesPage() {
  return (
    <Page title="Files">
      <p />
    </Page>
  )
}
