import { Page } from '../ui/page.tsx'

/** Who did what. */
export function AuditPage() {
  return (
    <Page title="Audit">
      <p />
    </Page>
  )
}
