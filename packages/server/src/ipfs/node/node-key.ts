import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { chmod, link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { base58btc } from 'multiformats/bases/base58'
import { identityMultihash } from '../multihash.ts'

/** What the installation proves its identity by on the IPFS network. */
export interface NodeKey {
  /** Base58 text of the peer id. */
  readonly peerId: string
  /** Ed25519: the 32 bytes of the seed, then the 32 of the public key. */
  readonly raw: Uint8Array
}

const fileName = 'ipfs-node.pem'

/**
 * The key of this installation's node, made once and kept (0600) in `dir`, so that its peer id outlives restarts. Of
 * several processes that start at once, all get the same. Throws when the file cannot be read.
 */
export async function openNodeKey(dir: string): Promise<NodeKey> {
  const file = join(dir, fileName)
  const text = (await readIfThere(file)) ?? (await makeKeyFile(dir, file))
  await chmod(file, 0o600)
  try {
    return toNodeKey(createPrivateKey(text))
  } catch (error) {
    throw new Error(
      `The key of the IPFS node ${file} cannot be read. Restore it, or move it away: the node then has another peer id.`,
      { cause: error },
    )
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // fs fails with errno errors
    throw error
  }
}

/** Whole or not at all, and never over one that another process made meanwhile: hence a link, not a rename. */
async function makeKeyFile(dir: string, file: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const made = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(made, 'wx', 0o600)
  try {
    await handle.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }))
    await handle.sync()
  } finally {
    await handle.close()
  }
  try {
    await link(made, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // fs fails with errno errors
  } finally {
    await rm(made, { force: true })
  }
  const folder = await open(dir, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
  return readFile(file, 'utf8')
}

function toNodeKey(key: KeyObject): NodeKey {
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('not an Ed25519 key')
  const { d = '' } = key.export({ format: 'jwk' })
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  const publicKey = Buffer.from(x, 'base64url')
  return { peerId: peerIdOf(publicKey), raw: Buffer.concat([Buffer.from(d, 'base64url'), publicKey]) }
}

/** https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md: the protobuf of a short key, by identity. */
function peerIdOf(publicKey: Uint8Array): string {
  return base58btc.baseEncode(identityMultihash(Buffer.concat([Buffer.from([0x08, 0x01, 0x12, 0x20]), publicKey])))
}
