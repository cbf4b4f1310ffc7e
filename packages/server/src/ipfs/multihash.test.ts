import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import {
  identityBytes,
  identityMultihash,
  requireHash,
  sha256Multihash,
  verifyBytes,
  verifyPieces,
} from './multihash.ts'

const content = Buffer.from('content')

it('hashes pieces as if they were one', () => {
  const whole = sha256Multihash([content])
  expect(Buffer.from(whole).toString('hex')).toBe(`1220${createHash('sha256').update(content).digest('hex')}`)
  expect(sha256Multihash([content.subarray(0, 3), Buffer.alloc(0), content.subarray(3)])).toEqual(whole)
  expect(sha256Multihash([])).toEqual(sha256Multihash([Buffer.alloc(0)]))
})

it('tells right bytes from wrong ones under every function it accepts', () => {
  for (const [prefix, algorithm] of [
    ['1220', 'sha256'],
    ['1340', 'sha512'],
    ['1440', 'sha3-512'],
    ['1530', 'sha3-384'],
    ['1620', 'sha3-256'],
    ['2030', 'sha384'],
    ['c0e40240', 'blake2b512'],
    ['e0e40220', 'blake2s256'],
  ] as const) {
    const multihash = Buffer.from(prefix + createHash(algorithm).update(content).digest('hex'), 'hex')
    expect(verifyBytes(multihash, content)).toBe(true)
    expect(verifyPieces(multihash, [content.subarray(0, 1), content.subarray(1)])).toBe(true)
    expect(verifyBytes(multihash, Buffer.from('Content'))).toBe(false)
  }
})

it('holds up to 128 bytes in an identity multihash and gives them back', () => {
  const multihash = identityMultihash(content)
  expect(verifyBytes(multihash, content)).toBe(true)
  expect(verifyBytes(multihash, Buffer.from('contenT'))).toBe(false)
  expect(Buffer.from(identityBytes(multihash) ?? []).toString()).toBe('content')
  expect(identityBytes(identityMultihash(Buffer.alloc(128)))).toHaveLength(128)
  expect(identityBytes(sha256Multihash([content]))).toBeUndefined()
  expect(() => identityMultihash(Buffer.alloc(129))).toThrow(expect.objectContaining({ code: 'unsupported_hash' }))
})

it('refuses weak, unknown, shortened and malformed hashes', () => {
  const refused = {
    sha1: `1114${'00'.repeat(20)}`,
    md5: `d50110${'00'.repeat(16)}`,
    murmur3: `2208${'00'.repeat(8)}`,
    'sha2-256 cut to 20 bytes': `1214${'00'.repeat(20)}`,
    'sha2-256 of no bytes': '1200',
    'identity over 128 bytes': `008101${'00'.repeat(129)}`,
    unknown: `ffff0320${'00'.repeat(32)}`,
    'a length that is not there': '1220',
    'bytes after the digest': `1220${'00'.repeat(33)}`,
    nothing: '',
  }
  for (const hex of Object.values(refused)) {
    const multihash = Buffer.from(hex, 'hex')
    const refusal = expect.objectContaining({ code: 'unsupported_hash' })
    expect(() => requireHash(multihash)).toThrow(refusal)
    expect(() => verifyBytes(multihash, content)).toThrow(refusal)
  }
})
