import { formatDayAndTime } from '../lib/format-time.ts'
import { plural } from '../lib/plural.ts'
import { describeBounds, presentBounds } from './bounds-draft.ts'
import { momentOf } from './expiry.ts'
import { type KeyDraft, presentDraft } from './key-draft.ts'

/** What ends the key of a draft, in sentences. */
export function describeLimits(draft: KeyDraft, now: number): readonly string[] {
  const { maxUses } = presentDraft(draft)
  const end = momentOf(draft.expiry, now)
  return [
    typeof maxUses === 'number'
      ? `It is exhausted after ${plural(maxUses, 'request')}.`
      : 'It may make any number of requests.',
    ...describeBounds(presentBounds(draft.bounds)),
    end === undefined ? 'It does not expire.' : `It expires on ${formatDayAndTime(end.toISOString())}.`,
  ]
}
