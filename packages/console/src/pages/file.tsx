import { Page } from '../ui/page.tsx'

/** One file. */
export function FilePage() {
  return (
    <Page title="File">
      <p />
    </Page>
  )
}
