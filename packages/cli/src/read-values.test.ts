import { describe, expect, it } from 'vitest'
import { readByteCount } from './byte-count.ts'
import { readDuration } from './duration.ts'
import { UsageError } from './exit.ts'
import { readKeyvalues } from './keyvalue.ts'

describe('readDuration', () => {
  it.each([
    ['90s', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['30d', 2_592_000],
    ['2w', 1_209_600],
    ['1y', 31_536_000],
  ])('reads %s', (text, seconds) => {
    expect(readDuration(text)).toBe(seconds)
  })

  it.each(['', '0s', '90', 's', '1.5h', '-1d', '1 d', '1D', '1mo', '12345678901s'])('refuses %j', (text) => {
    expect(() => readDuration(text)).toThrow(UsageError)
  })
})

describe('readByteCount', () => {
  it.each([
    ['1048576', 1_048_576],
    ['500MB', 500_000_000],
    ['10GiB', 10_737_418_240],
    ['1.5 TB', 1_500_000_000_000],
    ['0', 0],
    ['7b', 7],
    ['2kib', 2048],
  ])('reads %s', (text, bytes) => {
    expect(readByteCount(text)).toBe(bytes)
  })

  it.each(['', 'none', '5XB', '-1', '1e9', '10 G', '99999999PB', 'GiB'])('refuses %j', (text) => {
    expect(() => readByteCount(text)).toThrow(UsageError)
  })
})

describe('readKeyvalues', () => {
  it('takes everything behind the first equals sign as the value', () => {
    expect(readKeyvalues(['a=b=c', 'd='])).toEqual({ a: 'b=c', d: '' })
  })

  it.each(['a', '=b', ''])('refuses %j', (text) => {
    expect(() => readKeyvalues([text])).toThrow(UsageError)
  })
})
