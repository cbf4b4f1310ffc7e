import { open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { CompactSign, compactVerify } from 'jose'
import { z } from 'zod'
import { removeDrafts } from '../lib/remove-drafts.ts'
import type { Services } from '../services.ts'
import type { Head } from './audit-chain-queries.ts'

/** What heads are signed as: no JWT of a key has this type. */
const headType = 'pinyon-audit-head+jws'

const SignedHead = z.object({ installation: z.string(), number: z.int(), hash: z.string(), signedAt: z.string() })

/** The end of the chain at some moment, as it was signed. */
export type SignedHead = z.infer<typeof SignedHead>

type Place = { readonly config: Pick<Services['config'], 'dataDir'> } & Pick<Services, 'signingKeys'>

/** Writes the head, signed, beside the database: who can change only that cannot take lines off the end of the chain. */
export async function writeHead(
  { config, signingKeys, installation, clock }: Place & Pick<Services, 'installation' | 'clock'>,
  { number, hash }: Head,
): Promise<void> {
  const { kid, privateKey } = signingKeys.current
  const head: SignedHead = {
    installation: installation.id,
    number,
    hash,
    signedAt: new Date(clock.now()).toISOString(),
  }
  const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(head)))
    .setProtectedHeader({ alg: 'RS256', typ: headType, kid })
    .sign(privateKey)
  const path = headPath(config.dataDir)
  // Of each process its own, or one would move the other's away.
  const draft = `${path}.${process.pid}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(jws)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

/** Removes drafts of heads that a process which was killed left behind; see `removeDrafts`. */
export async function removeHeadDrafts(dataDir: string, how: { isAlone: boolean }): Promise<void> {
  await removeDrafts(dataDir, (name) => /^audit-head\.jws\.\d+\.new$/.test(name), how)
}

/** The signed head; undefined when none was written yet, `forged` when its signature is not good. */
export async function readHead({ config, signingKeys }: Place): Promise<SignedHead | 'forged' | undefined> {
  let text: string
  try {
    text = await readFile(headPath(config.dataDir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // reading fails with such an error
    throw error
  }
  try {
    const { payload, protectedHeader } = await compactVerify(
      text,
      async ({ kid }) => {
        const key = await signingKeys.findPublicKey(kid ?? '')
        if (key === undefined) throw new Error('It names a key that is none of ours')
        return key
      },
      { algorithms: ['RS256'] },
    )
    return protectedHeader.typ === headType ? SignedHead.parse(JSON.parse(new TextDecoder().decode(payload))) : 'forged'
  } catch {
    // Whatever is wrong with it: it was not written by us.
    return 'forged'
  }
}

function headPath(dataDir: string): string {
  return join(dataDir, 'audit-head.jws')
}
