import type { KeyDetail } from '../../api/keys.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'

const soonMs = 7 * 86_400_000

/** What a key is now, in a word or two; "expires soon" within its last week. */
export function KeyState({ keyDetail, now }: { readonly keyDetail: KeyDetail; readonly now: number }) {
  const [tone, words] = describeState(keyDetail, now)
  return <Badge tone={tone}>{words}</Badge>
}

function describeState({ state, expiresAt }: KeyDetail, now: number): readonly [Tone, string] {
  switch (state) {
    case 'active':
      return expiresAt !== null && Date.parse(expiresAt) - now < soonMs ? ['warn', 'expires soon'] : ['ok', 'active']
    case 'exhausted':
      return ['warn', 'exhausted']
    case 'expired':
      return ['danger', 'expired']
    case 'revoked':
      return ['danger', 'revoked']
  }
}
