import { routes } from '@pinyon/contract/routes.ts'
import { toCurl } from '../api/curl.ts'
import { useNow } from '../lib/use-now.ts'
import { Code } from '../ui/code.tsx'
import { describeLimits } from './describe-limits.ts'
import { KeyAbilities } from './key-abilities.tsx'
import { grantedBy, type KeyDraft, presentDraft } from './key-draft.ts'

/** What the key of a draft would be, in sentences, and the request that makes it. */
export function KeyPreview({ draft }: { readonly draft: KeyDraft }) {
  const now = useNow()
  return (
    <aside
      aria-label="This key"
      className="flex min-w-0 flex-col gap-6 lg:sticky lg:top-7 lg:max-h-[calc(100dvh-3.5rem)] lg:overflow-y-auto"
    >
      <section className="border-line bg-surface flex flex-col gap-3 rounded-lg border p-4">
        <h2 className="text-lg font-semibold">What this key can and cannot do</h2>
        <KeyAbilities granted={grantedBy(draft)} limits={describeLimits(draft, now)} />
      </section>
      <section className="flex flex-col gap-2">
        <h2 className="text-lg font-semibold">As API call</h2>
        <Code label="command" text={toCurl(routes.keysCreate, { body: presentDraft(draft) })} />
      </section>
    </aside>
  )
}
