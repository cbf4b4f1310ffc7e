import { expect, it } from 'vitest'
import { recoverSigner } from './recover-signer.ts'

// Made with viem 2.57.20 (signTypedData) and the private key 0x11…11.
const address = '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a'
const content = {
  address,
  cid: 'bafkreid2rn5xdup5tqjmolkueweelij4wv6ubinuxkjdabmzaom2wngmaa',
  date: '2026-02-01T10:00:00.000Z',
}
const signature =
  '0xc5cff2f8c77cd5dad6aa49e0ddd3ef9140a6b4ee4e7f3391c1be122f7b6a0c0e15c6f8eb3c6e32c499b40931d07f746aead4e08f0767e286658dd48a94ed19f91c'

it('finds who signed the typed data that Pinata’s clients sign', () => {
  expect(recoverSigner(content, signature)).toBe(address)
  expect(recoverSigner(content, signature.replace(/1c$/, '01'))).toBe(address)
})

it.each([
  ['another CID', { ...content, cid: 'bafkqaaa' }, signature],
  ['another date', { ...content, date: '2026-02-01T10:00:00.001Z' }, signature],
  ['another address in the message', { ...content, address: `0x${'2'.repeat(40)}` }, signature],
  ['another recovery', content, signature.replace(/1c$/, '1b')],
  ['numbers that are none', content, `0x${'f'.repeat(128)}1b`],
  ['zeros', content, `0x${'0'.repeat(128)}1b`],
  ['too few bytes', content, signature.slice(0, -2)],
])('finds somebody else or nobody for %s', (_, signed, by) => {
  expect(recoverSigner(signed, by)).not.toBe(address)
})
