import { createPrivateKey, X509Certificate } from 'node:crypto'
import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Logger } from '../lib/log.ts'
import type { Pair } from './certificates.ts'
import { ChangingIdentity, type ServerIdentity } from './server-identity.ts'

/** How often the files are looked at: notices of the file system do not come for every kind of mount. */
const lookMs = 2_000

/**
 * A certificate (with its chain) and key that somebody else keeps in files. They are read again when they change; until
 * both belong together the old ones stay. Throws, in words for the operator, when they cannot be used at the start.
 */
export async function openFileIdentity(
  { log }: { log: Logger },
  files: { readonly cert: string; readonly key: string },
): Promise<ServerIdentity> {
  const identity = new ChangingIdentity(await readFiles(files))
  const look = () => {
    readFiles(files).then(
      (pair) => {
        if (pair.cert === identity.pair.cert && pair.key === identity.pair.key) return
        identity.change(pair)
        log.info({ validTo: new X509Certificate(pair.cert).validTo }, 'the certificate was read again')
      },
      (error: unknown) => log.warn({ err: error }, 'the new certificate cannot be used, the one before stays'),
    )
  }
  const watched = [files.cert, files.key]
  for (const file of watched) watchFile(file, { interval: lookMs, persistent: false }, look)
  return {
    get pair() {
      return identity.pair
    },
    onChange: (listener) => identity.onChange(listener),
    close: () => watched.forEach((file) => unwatchFile(file, look)),
  }
}

async function readFiles(files: { readonly cert: string; readonly key: string }): Promise<Pair> {
  const [cert, key] = await Promise.all([readFile(files.cert, 'utf8'), readFile(files.key, 'utf8')])
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error(`the key in ${files.key} is not that of the certificate in ${files.cert}`)
  createSecureContext({ cert, key }) // throws when the chain behind the certificate is broken
  return { cert, key }
}
