import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const checksumLength = 6

/**
 * A random text for a credential: `prefix` says what it is, so that scanners find leaked ones, `length` letters and
 * digits (5.95 bits each) make it, and a checksum at the end lets a mistyped one be refused without a look-up.
 */
export function makeSecretText(prefix: string, length: number): string {
  const body = prefix + randomLetters(length)
  return body + checksumOf(body)
}

/** Whether `text` is a text as `makeSecretText(prefix, length)` makes them, checksum included. */
export function isSecretText(prefix: string, length: number, text: string): boolean {
  if (text.length !== prefix.length + length + checksumLength || !text.startsWith(prefix)) return false
  if (!/^[0-9A-Za-z]+$/.test(text.slice(prefix.length))) return false
  return checksumOf(text.slice(0, -checksumLength)) === text.slice(-checksumLength)
}

/** What is stored of a random secret: SHA-256, hex. Only for secrets of 128 bits and more, never for passwords. */
export function hashSecretText(text: string): string {
  return hash('sha256', text)
}

function checksumOf(body: string): string {
  let rest = crc32(body)
  let text = ''
  for (let i = 0; i < checksumLength; i++) {
    text = alphabet.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}

function randomLetters(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 = 4 * 62: larger bytes would make the first letters likelier.
      if (byte < 248 && text.length < length) text += alphabet.charAt(byte % 62)
    }
  }
  return text
}
