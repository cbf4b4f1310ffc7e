import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { describe, expect, it } from 'vitest'
import { findIpnsName } from './ipns-name.ts'
import { verifyIpnsRecord } from './ipns-record.ts'
import { makeIpnsRecord } from './make-record.ts'
import { nameKeyOf, readNameKey, writeNameKey } from './name-key.ts'

/** Made by Kubo 0.44: `ipfs key gen`, `ipfs key export` in both forms, `ipfs key list -l`. */
const kubo = {
  name: 'k51qzi5uqu5dgsr7gboigi29q2niw99o7h6svhbxr6xqps8vrvgd6sr3b7mgh2',
  protobuf: 'CAESQH06occnSvvZD7ACnK1ZcEvIa07AT3gUthSQr8Raje7GGLRbZLoyG9rXEUUURLYFl9clPu5qcU6PM5zb7L3aX+Y=',
  pem: `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIH06occnSvvZD7ACnK1ZcEvIa07AT3gUthSQr8Raje7G
-----END PRIVATE KEY-----
`,
}

const key = nameKeyOf(Buffer.alloc(32, 7))

describe('the key of a name', () => {
  it('is read from what Kubo exports, and written so to the byte', () => {
    for (const text of [kubo.protobuf, kubo.pem]) {
      const read = readNameKey(text)
      expect(read.name).toBe(kubo.name)
      expect(writeNameKey(read).protobuf).toBe(kubo.protobuf)
      expect(writeNameKey(read).pem.trim()).toBe(kubo.pem.trim())
    }
  })

  it('is read in every spelling', () => {
    const { pem, protobuf } = writeNameKey(key)
    const bytes = Buffer.from(protobuf, 'base64')
    const old = Buffer.concat([Buffer.from('08011260', 'hex'), bytes.subarray(4), bytes.subarray(36)])
    const spellings = [
      pem,
      pem.replaceAll('\n', '\r\n'),
      protobuf,
      `m${protobuf.replace(/=+$/, '')}`,
      bytes.toString('base64url'),
      `u${bytes.toString('base64url')}`,
      bytes.toString('hex'),
      `f${bytes.toString('hex')}`,
      base36.encode(bytes),
      base58btc.encode(bytes),
      old.toString('base64'),
      `  ${protobuf}\n`,
    ]
    for (const text of spellings) expect([text, readNameKey(text).name]).toEqual([text, key.name])
  })

  it('is refused in words when it is something else', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const locked = key.seed
    const encrypted = createPrivateKey(writeNameKey({ seed: locked }).pem).export({
      format: 'pem',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    })
    const bytes = Buffer.from(writeNameKey(key).protobuf, 'base64')
    const foreign = Buffer.from(bytes)
    foreign[40] = (foreign[40] ?? 0) ^ 1
    for (const [text, words] of [
      [key.name, 'this is a name'],
      [String(rsa.export({ format: 'pem', type: 'pkcs8' })), 'its kind is rsa'],
      [String(encrypted), 'it is encrypted'],
      ['-----BEGIN PRIVATE KEY-----\nnonsense', 'no private key in PEM'],
      [Buffer.from('0800120100', 'hex').toString('base64'), 'its kind is RSA'],
      [Buffer.concat([Buffer.from('08011220', 'hex'), key.seed]).toString('base64'), 'this is a public key'],
      [bytes.subarray(0, 30).toString('base64'), 'no private key in the protobuf'],
      [foreign.toString('base64'), 'public part does not belong'],
      ['?', 'neither PEM nor base64'],
      ['k'.repeat(4_000), 'key: '],
      ['z'.repeat(4_000), 'key: '],
    ] as const)
      expect(() => readNameKey(text), text).toThrow(words)
  })
})

describe('a record', () => {
  it('is the word of its owner, as readers verify it', async () => {
    const name = findIpnsName(key.name)
    if (name === undefined) throw new Error('the name cannot be read')
    const validUntil = Date.UTC(2030, 0, 1)
    const fields = { value: '/ipfs/bafkqaaa/a b', sequence: 2 ** 40, validUntil, ttlMs: 300_000 }
    const record = await verifyIpnsRecord(makeIpnsRecord(key, fields), name, 0)
    expect(record).toMatchObject({ value: fields.value, sequence: 2n ** 40n, validUntil, ttlMs: 300_000 })
    const other = nameKeyOf(Buffer.alloc(32, 8))
    await expect(verifyIpnsRecord(makeIpnsRecord(other, fields), name, 0)).rejects.toThrow('its signature is not of')
  })
})
