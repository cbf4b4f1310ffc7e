import { createHmac, timingSafeEqual } from 'node:crypto'

/** As authenticator apps expect them (https://github.com/google/google-authenticator/wiki/Key-Uri-Format). */
const stepMs = 30_000
const digits = 6
/** Clocks may be apart by one step in both directions (RFC 6238 section 5.2). */
const drift = [0, -1, 1]

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The code of a step: RFC 4226 section 5.3 over HMAC-SHA-1, with as many digits as apps show. */
export function codeOfStep(secret: Uint8Array, step: number, length = digits): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 10 ** length).padStart(length, '0')
}

/** The step that a time is in. */
export function stepAt(ms: number): number {
  return Math.floor(ms / stepMs)
}

/** The step whose code this is, at about this time; undefined when it is none's. */
export function findStep(secret: Uint8Array, code: string, now: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined
  const given = Buffer.from(code)
  return drift
    .map((apart) => stepAt(now) + apart)
    .find((step) => step >= 0 && timingSafeEqual(Buffer.from(codeOfStep(secret, step)), given))
}

/** A secret as people type it: base32 without padding (RFC 4648 section 6). */
export function secretText(secret: Uint8Array): string {
  let bits = ''
  for (const byte of secret) bits += byte.toString(2).padStart(8, '0')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => letters.charAt(parseInt(five.padEnd(5, '0'), 2))).join('')
}

/** What an app reads from a picture. */
export function totpUrl(secret: Uint8Array, { issuer, email }: { issuer: string; email: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(email)}`
  return `otpauth://totp/${label}?secret=${secretText(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${digits}&period=${stepMs / 1000}`
}
