import { Page } from '../ui/page.tsx'

/** Signing in. */
export function SignInPage() {
  return (
    <Page title="Sign in">
      <p />
    </Page>
  )
}
