import { isSecretText, makeSecretText } from '../lib/secret-text.ts'

const publicPrefix = 'pnk_'
const secretPrefix = 'pns_'
const publicLetters = 22 // 131 bits
const secretLetters = 43 // 256 bits

/** A new public part (`pinata_api_key`): `pnk_`, 22 random letters and digits, 6 of checksum. */
export function makePublicPart(): string {
  return makeSecretText(publicPrefix, publicLetters)
}

/** A new secret (`pinata_api_secret`): `pns_`, 43 random letters and digits, 6 of checksum. */
export function makeSecret(): string {
  return makeSecretText(secretPrefix, secretLetters)
}

/** Whether `text` has the form and checksum of a public part. */
export function isPublicPart(text: string): boolean {
  return isSecretText(publicPrefix, publicLetters, text)
}

/** Whether `text` has the form and checksum of a secret. */
function isSecret(text: string): boolean {
  return isSecretText(secretPrefix, secretLetters, text)
}

/**
 * What a person may have got wrong with a key pair that has not the form of ours, in words that say what to do;
 * undefined when both have. Needs no look-up.
 */
export function describeMalformedPair(publicPart: string, secret: string): string | undefined {
  if (isPublicPart(publicPart) && isSecret(secret)) return undefined
  if (publicPart.startsWith(secretPrefix) || secret.startsWith(publicPrefix)) {
    return `pinata_api_key and pinata_secret_api_key are swapped: the key begins with ${publicPrefix}, the secret with ${secretPrefix}.`
  }
  if (/^[0-9a-f]{20}$/.test(publicPart)) {
    return 'This looks like a key of the hosted Pinata service. Make a key here and use its two values.'
  }
  if (secret.startsWith('ey') && secret.includes('.')) {
    return 'The header pinata_secret_api_key holds a JWT. Send the JWT as Authorization: Bearer <JWT>, or send the value called pinata_api_secret.'
  }
  const which = isPublicPart(publicPart) ? 'pinata_secret_api_key' : 'pinata_api_key'
  const prefix = isPublicPart(publicPart) ? secretPrefix : publicPrefix
  return `The value of ${which} is mistyped or cut off (it begins with ${prefix} and ends in a checksum). Copy it again, whole and without quotes.`
}
