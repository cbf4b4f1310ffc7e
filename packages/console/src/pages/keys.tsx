import { Page } from '../ui/page.tsx'

/** The keys of the account. */
export function KeysPage() {
  return (
    <Page title="API keys">
      <p />
    </Page>
  )
}
