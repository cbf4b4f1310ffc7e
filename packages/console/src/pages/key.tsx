import { Page } from '../ui/page.tsx'

/** One key. */
export function KeyPage() {
  return (
    <Page title="API key">
      <p />
    </Page>
  )
}
