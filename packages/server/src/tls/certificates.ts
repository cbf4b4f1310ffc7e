import { createPrivateKey, KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import 'reflect-metadata' // oxlint-disable-line no-unassigned-import -- the library below wants it before it is loaded
import * as x509 from '@peculiar/x509'

/** A certificate and the key that belongs to it, both PEM. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

const day = 86_400_000
const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signing = { ...curve, hash: 'SHA-256' } as const
/** Clocks differ: what was just made is good for those that are behind, too. */
const skewMs = day
/** No longer than what browsers take (825 days), short enough that renewing is nothing out of the ordinary. */
const certificateMs = 90 * day
const authorityMs = 3_650 * day

x509.cryptoProvider.set(crypto)

/** Makes an authority that signs certificates of servers, and nothing below them (RFC 5280 section 4.2.1.9). */
export async function makeAuthority(name: string, now: number): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(curve, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(now, authorityMs),
    // By the API of strings a name would have to be escaped.
    name: new x509.Name([{ CN: [name] }]),
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return toPair(made, keys.privateKey)
}

/** Makes a certificate of a server for names and addresses, signed by the authority (RFC 5280, RFC 9525). */
export async function issueCertificate(authority: Pair, names: readonly string[], now: number): Promise<Pair> {
  const keys = await crypto.subtle.generateKey(curve, true, ['sign', 'verify'])
  const issuer = new x509.X509Certificate(authority.cert)
  const signingKey = createPrivateKey(authority.key).toCryptoKey(curve, false, ['sign']) as CryptoKey // one type, declared twice
  const made = await x509.X509CertificateGenerator.create({
    ...common(now, certificateMs),
    subject: new x509.Name([{ CN: ['Pinyon'] }]).toString(),
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return toPair(made, keys.privateKey)
}

/** Whether a certificate is good for all names, and for `leftMs` from now on. */
export function isGoodFor({ cert }: Pick<Pair, 'cert'>, names: readonly string[], until: number): boolean {
  const read = new X509Certificate(cert)
  if (read.validToDate.getTime() < until) return false
  const covers = (name: string) =>
    isIP(name) === 0
      ? read.checkHost(name.replace('*', 'any'), { partialWildcards: false }) !== undefined
      : read.checkIP(name) !== undefined
  return names.every(covers)
}

function common(now: number, forMs: number) {
  const serial = randomBytes(16)
  // Positive and never empty: RFC 5280 section 4.1.2.2.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  return {
    serialNumber: serial.toString('hex'),
    notBefore: new Date(now - skewMs),
    notAfter: new Date(now + forMs),
    signingAlgorithm: signing,
  }
}

function toPair(made: x509.X509Certificate, privateKey: CryptoKey): Pair {
  return {
    cert: `${made.toString('pem')}\n`,
    key: KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }) as string, // as PEM it is a text
  }
}
