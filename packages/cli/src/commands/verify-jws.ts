import { createPublicKey, verify } from 'node:crypto'
import { CommandError, exitCodes } from '../exit.ts'

/**
 * What a compact JWS (RFC 7515) of a receipt says, once its signature is found good by one of the keys of a JWKS.
 * Throws CommandError (exit code 1) when it is not.
 */
export function verifyJws(jws: string, { keys }: { readonly keys: readonly unknown[] }): unknown {
  const [head = '', payload = '', signature = '', ...more] = jws.split('.')
  const header = parse(head)
  // RS256 alone, and never a JWT that opens something.
  if (more.length > 0 || header?.['alg'] !== 'RS256' || header['typ'] !== 'pinyon-receipt+jws') throw invalid()
  const key = keys.find((each): each is Record<string, unknown> => isRecord(each) && each['kid'] === header['kid'])
  if (key === undefined) {
    throw new CommandError(
      'This receipt was signed by another installation, or with a key that is not there any more.',
      {
        reason: 'RECEIPT_INVALID',
        exitCode: exitCodes.failed,
      },
    )
  }
  const isGood = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${payload}`),
    createPublicKey({ key, format: 'jwk' }),
    Buffer.from(signature, 'base64url'),
  )
  if (!isGood) throw invalid()
  return parse(payload)
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return isRecord(value) ? value : undefined
  } catch {
    throw invalid()
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(): CommandError {
  return new CommandError('The signature of this receipt is wrong: it was changed or cut off.', {
    reason: 'RECEIPT_INVALID',
    exitCode: exitCodes.failed,
  })
}
