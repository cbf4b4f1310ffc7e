import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { type NameKey, nameKeyOf } from '../ipfs/names/name-key.ts'
import type { ValueKey } from '../keys/value-key.ts'
import { AppError } from '../lib/errors.ts'
import type { IpnsNameRow } from './queries.ts'

const ivBytes = 12
const tagBytes = 16

/**
 * Encrypts the seed of a name's key by a key of the installation that is in no table (AES-256-GCM), so that whoever has
 * a copy of the database alone cannot publish.
 */
export function sealSeed(valueKey: ValueKey, id: string, seed: Uint8Array): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', valueKey.derive('ipns key', id), iv)
  const sealed = Buffer.concat([cipher.update(seed), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
}

/** The key of a name. Throws `conflict` when the installation's key is not the one that it was encrypted by. */
export function openSeed(
  valueKey: ValueKey,
  { id, label, name, sealed_seed: sealed }: Pick<IpnsNameRow, 'id' | 'label' | 'name' | 'sealed_seed'>,
): NameKey {
  const bytes = Buffer.from(sealed, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', valueKey.derive('ipns key', id), bytes.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    const seed = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()])
    return nameKeyOf(seed)
  } catch (cause) {
    throw new AppError(
      'conflict',
      `The key of the name ${label} (${name}) cannot be read: it was encrypted by another values.key than the one in the data directory. Restore that file, or remove the name and import its key.`,
      { cause },
    )
  }
}
