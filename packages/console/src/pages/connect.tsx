import { Page } from '../ui/page.tsx'

/** How programs are connected. */
export function ConnectPage() {
  return (
    <Page title="Connect">
      <p />
    </Page>
  )
}
