import { Page } from '../ui/page.tsx'

/** The first start. */
export function SetUpPage() {
  return (
    <Page title="Set up">
      <p />
    </Page>
  )
}
