import type { Chance } from './chance.ts'

const texts: readonly string[] = [
  '', ' ', '-1', '0', '1.5', '10abc', '0x10', '1e3', '1e400', 'NaN', 'Infinity', '9'.repeat(400), '9007199254740993', 'null', 'true',
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '\0', 'a\0b', '\ud800', '\u202egpj.exe', '\ufeff', '\r\nx-evil: 1',
  '\n', "'; drop table files; --", '%', '%00', '%25', '${7*7}', '../../etc/passwd', '..\\..\\x', 'C:\\x', '0000-00-00', '9999-12-31T23:59:59Z',
  '2026-02-30', '{', '[[', '"', '(a+)+$', '[', '\\', '*', 'é'.repeat(300), '😀'.repeat(200), 'x'.repeat(3_000), 'bafkqaaa', 'Qm', 'z'.repeat(190),
  'ipfs://bafkqaaa', '/ipfs/bafkqaaa/..', 'http://127.0.0.1:1/', 'http://169.254.169.254/', 'file:///etc/passwd', 'javascript:alert(1)',
] // prettier-ignore

/** What nobody means, as text. */
export function oddText(chance: Chance): string {
  if (chance.isOnce(0.2))
    return Array.from({ length: chance.below(40) }, () => String.fromCodePoint(chance.below(0x1_00_00))).join('')
  return chance.of(texts)
}

/** JSON that is no serialiser's, as text. */
const rawJson: readonly string[] = [
  '[', '{', '{"a"', '{"a":1,}', "{'a':1}", 'NaN', '-', '01', '1e999', '-1e999', '"\\ud800"', '"\\u0000"', '{"a":1}{"b":2}', '{"a":1,"a":2}', '\ufeff{}', '{}\0',
  '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}', '[1,,2]', 'undefined', '<xml/>', 'a=b', '"\t"', '{"":1}',
] // prettier-ignore

/** A value of JSON as text, which may be none; sometimes deep, sometimes wide. */
export function oddJson(chance: Chance, depth = 0): string {
  switch (chance.below(depth > 3 ? 6 : 11)) {
    case 0:
      return chance.of(['null', 'true', 'false', '0', '-1', '1.5', '1e308', '9007199254740993', '1e400', '""'])
    case 1:
    case 2:
    case 3:
      return JSON.stringify(oddText(chance))
    case 4:
      return chance.of(rawJson)
    case 5:
      return '"__proto__"'
    case 6:
      return nested(chance.of([20, 200, 5_000, 60_000]))
    case 7:
      return `[${Array.from({ length: chance.of([0, 1, 3, 3_000]) }, (_, i) => String(i)).join(',')}]`
    case 8:
      return `{${Array.from({ length: chance.of([0, 1, 120, 2_000]) }, (_, i) => `"k${i}":${i}`).join(',')}}`
    case 9:
      return `[${oddJson(chance, depth + 1)},${oddJson(chance, depth + 1)}]`
    default:
      return `{${JSON.stringify(oddText(chance))}:${oddJson(chance, depth + 1)}}`
  }
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

/** Turns bits, cuts, doubles or fills in bytes. */
export function damage(chance: Chance, bytes: Buffer): Buffer {
  if (bytes.length === 0) return Buffer.from([chance.below(256)])
  const at = chance.below(bytes.length)
  switch (chance.below(5)) {
    case 0:
      return bytes.subarray(0, at)
    case 1: {
      const changed = Buffer.from(bytes)
      for (let i = 0; i <= chance.below(8); i++) changed[chance.below(bytes.length)] = chance.below(256)
      return changed
    }
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(chance.below(bytes.length))])
    case 3:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.alloc(chance.of([1, 9, 500]), chance.of([0, 0x80, 0xff, 0x0a])),
        bytes.subarray(at),
      ])
    default:
      return Buffer.concat([bytes, bytes])
  }
}
