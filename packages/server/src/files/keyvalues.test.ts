import { describe, expect, it } from 'vitest'
import { keyvalueRows, numberOf, readKeyvalues } from './keyvalues.ts'

const owner = { file_id: 'f', account_id: 'a', network: 1 }

describe('key-values', () => {
  it('come back as they were sent', () => {
    const keyvalues = { text: 'a', empty: '', number: 1.5, big: 1e21, small: -0.1, yes: true, no: false, digits: '1' }
    expect(readKeyvalues(keyvalueRows(owner, keyvalues))).toEqual(keyvalues)
  })

  it('hold a key called __proto__ as any other', () => {
    const keyvalues = Object.fromEntries([['__proto__', 'x']])
    const read = readKeyvalues(keyvalueRows(owner, keyvalues))
    expect(Object.entries(read)).toEqual([['__proto__', 'x']])
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  })

  it.each([
    [1.5, 1.5],
    [true, null],
    ['10', 10],
    [' -1.5e3 ', -1500],
    ['.5', 0.5],
    ['10abc', null],
    ['', null],
    ['0x10', null],
    ['1e999', null],
    ['Infinity', null],
    ['2026-02-01', Date.UTC(2026, 1, 1)],
    ['2026-02-01T10:00:00', Date.UTC(2026, 1, 1, 10)],
    ['2026-02-01 10:00+02:00', Date.UTC(2026, 1, 1, 8)],
    ['2026-13-01', null],
    ['February 2026', null],
  ])('compare %j as %j', (value, expected) => {
    expect(numberOf(value)).toBe(expected)
  })
})
