import { Page } from '../ui/page.tsx'

/** The accounts of this installation. */
export function OperatorPage() {
  return (
    <Page title="Operator">
      <p />
    </Page>
  )
}
