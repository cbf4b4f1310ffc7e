import { expect, it } from 'vitest'
import { findingsOf } from './doctor.ts'

it('calls a node that is off by choice a note, and one that no process runs bad', () => {
  const reachability = { state: 'off', message: 'Nobody runs it.' } as const
  const stateOf = (kind: 'off' | 'embedded') => findingsOf({ kind, reachability, announces: [] })[0]?.state
  expect(stateOf('off')).toBe('note')
  expect(stateOf('embedded')).toBe('bad')
})
