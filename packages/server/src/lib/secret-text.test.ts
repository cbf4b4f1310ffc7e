import { expect, it } from 'vitest'
import { hashSecretText, isSecretText, makeSecretText } from './secret-text.ts'

it('makes texts with prefix, 128 bits and more, and a checksum that notices every changed letter', () => {
  const texts = new Set(Array.from({ length: 1_000 }, () => makeSecretText('pnk_', 22)))
  expect(texts.size).toBe(1_000)
  for (const text of texts) {
    expect(text).toMatch(/^pnk_[0-9A-Za-z]{28}$/)
    expect(isSecretText('pnk_', 22, text)).toBe(true)
  }
  const [text = ''] = texts
  for (let at = 4; at < text.length; at++) {
    const other = text.charAt(at) === 'a' ? 'b' : 'a'
    expect(isSecretText('pnk_', 22, text.slice(0, at) + other + text.slice(at + 1))).toBe(false)
  }
})

it.each([
  ['another prefix', (text: string) => text.replace('pnk_', 'pns_')],
  ['another length', (text: string) => text.slice(0, -1)],
  ['nothing', () => ''],
  ['a space', (text: string) => `${text} `],
  ['signs', (text: string) => `pnk_-${text.slice(5)}`],
])('does not take %s for such a text', (_, change) => {
  expect(isSecretText('pnk_', 22, change(makeSecretText('pnk_', 22)))).toBe(false)
})

it('hashes to SHA-256 in hex', () => {
  expect(hashSecretText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
