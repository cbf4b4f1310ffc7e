import { Page } from '../ui/page.tsx'

/** A new password by a one-time link. */
export function ResetPasswordPage() {
  return (
    <Page title="New password">
      <p />
    </Page>
  )
}
