import { Page } from '../ui/page.tsx'

/** Makes a key. */
export function NewKeyPage() {
  return (
    <Page title="New API Key">
      <p />
    </Page>
  )
}
