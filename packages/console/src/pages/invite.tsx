import { Page } from '../ui/page.tsx'

/** Joining an account. */
export function InvitePage() {
  return (
    <Page title="Accept invite">
      <p />
    </Page>
  )
}
