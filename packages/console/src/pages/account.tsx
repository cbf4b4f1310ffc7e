import { Page } from '../ui/page.tsx'

/** People, sessions and settings of the account. */
export function AccountPage() {
  return (
    <Page title="Account">
      <p />
    </Page>
  )
}
