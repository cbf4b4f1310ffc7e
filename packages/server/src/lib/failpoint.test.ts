import { afterEach, expect, it } from 'vitest'
import { armFailpoint, failpoint } from './failpoint.ts'

afterEach(() => armFailpoint(undefined))

it('does nothing unless that place is armed', () => {
  expect(() => failpoint('committed')).not.toThrow()
  armFailpoint({ name: 'committed', action: 'throw', nth: 1 })
  expect(() => failpoint('commit-next')).not.toThrow()
})

it('breaks the nth time, and only then', () => {
  armFailpoint({ name: 'committed', action: 'throw', nth: 2 })
  failpoint('committed')
  expect(() => failpoint('committed')).toThrow('The failpoint committed threw')
  failpoint('committed')
})
