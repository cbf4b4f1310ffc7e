import { expect, it } from 'vitest'
import type { Pin } from '../../api/pins.ts'
import { happeningOf } from './happening-of.ts'

it('says why a pin waits without counting the seconds, which is done beside it', () => {
  const message = 'Nobody was found who has this content.'
  const waiting = {
    status: 'pinning',
    statusDetails: `Attempt 5 in 27 s. ${message} See that a node is online.`,
    nextAttemptAt: '2026-01-01T00:00:00.000Z',
    reason: { code: 'no-source', message, advice: 'See that a node is online.' },
  } as Partial<Pin> as Pin // nothing else of it is looked at
  expect(happeningOf(waiting)).toBe(message)
  const under = { ...waiting, statusDetails: 'Looks for somebody who has the content, attempt 5.', nextAttemptAt: null }
  expect(happeningOf(under)).toBe(under.statusDetails)
  const failed = { ...waiting, status: 'failed', statusDetails: message } as const
  expect(happeningOf(failed)).toBe(message)
})
