import { readFile } from 'node:fs/promises'
import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { Receipt, SignedReceipt } from '@pinyon/contract/schemas/storage.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes, UsageError } from '../exit.ts'
import { bytesText, fields, safeText, timeText } from '../output.ts'
import { findFiles } from './find-file.ts'
import { verifyJws } from './verify-jws.ts'

type Signed = AnswerOf<typeof routes.filesReceipt>

/**
 * Gets the receipt of a file, its signature verified; with `verify` it verifies one that was saved, and that it is of this
 * file when one is named. With `keys`, a saved `/.well-known/jwks.json`, no server is asked. Throws CommandError (exit code
 * 1) when a receipt is not what it says.
 */
export async function receipt(
  context: Context,
  which: string | undefined,
  { verify, keys: keysPath }: { readonly verify?: string; readonly keys?: string },
): Promise<void> {
  if (keysPath !== undefined && (verify === undefined || which !== undefined))
    throw new UsageError(
      '--keys FILE goes with --verify FILE alone: the receipt is held against these keys, and nobody is asked.',
    )
  const signed = verify === undefined ? await get(context, which) : await readSaved(verify)
  const { keys, from } = await findKeys(context, keysPath)
  const claims = Receipt.safeParse(verifyJws(signed.jws, { keys }))
  if (!claims.success || JSON.stringify(claims.data) !== JSON.stringify(signed.receipt)) {
    throw new CommandError('This receipt does not say what was signed.', {
      reason: 'RECEIPT_INVALID',
      exitCode: exitCodes.failed,
    })
  }
  if (verify !== undefined && which !== undefined) {
    const files = await findFiles(context, which)
    if (!files.some(({ id }) => id === signed.receipt.fileId)) {
      throw new CommandError(
        `The signature is good, but this is the receipt of file ${signed.receipt.fileId}, not of ${safeText(which)}.`,
        { reason: 'RECEIPT_OF_ANOTHER_FILE', exitCode: exitCodes.failed },
      )
    }
  }
  context.out.result(signed, () => describe(signed, from))
}

async function get(context: Context, which: string | undefined): Promise<Signed> {
  if (which === undefined) throw new UsageError('Name a file by its id or CID, or a saved receipt with --verify FILE.')
  const [file] = await findFiles(context, which)
  const client = await context.client()
  return client.call(routes.filesReceipt, { params: { id: file.id }, signal: context.signal })
}

/** The keys of the installation, and where they are from. */
async function findKeys(
  context: Context,
  path: string | undefined,
): Promise<{ keys: readonly unknown[]; from: string }> {
  if (path !== undefined) {
    const saved = await readJson(path)
    // RFC 7517.
    const keys = typeof saved === 'object' && saved !== null && 'keys' in saved ? saved.keys : undefined
    if (Array.isArray(keys)) return { keys, from: path }
    throw new UsageError(`${path} holds no keys. Save them with curl API/.well-known/jwks.json > keys.json`)
  }
  const client = await context.client()
  const { keys } = await client.call(routes.jwks, { signal: context.signal })
  return { keys, from: client.apiUrl }
}

async function readSaved(path: string): Promise<Signed> {
  const saved = SignedReceipt.safeParse(await readJson(path))
  if (!saved.success)
    throw new UsageError(`${path} is no receipt. Save one with ./pinyon receipt ID --json > receipt.json`)
  return saved.data
}

/** What a file says in JSON; undefined when it does not. */
async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function describe({ receipt: said }: Signed, keysFrom: string): string {
  return fields([
    ['File', said.fileId],
    ['CID', said.cid],
    [
      'Stored',
      `${bytesText(said.sizeBytes)} in ${said.numberOfBlocks} ${said.numberOfBlocks === 1 ? 'block' : 'blocks'}, ${said.network}`,
    ],
    ['Durable', `since ${timeText(said.durableAt)}`],
    [
      'Verified',
      `${timeText(said.verifiedAt)} ${said.verifiedBy === 'scrub' ? '(read back from the disk)' : '(as it came in)'}`,
    ],
    [
      'Copies',
      `${said.copies.disk} on disk${said.damagedBlocks === 0 ? '' : `; ${said.damagedBlocks} blocks are damaged`}`,
    ],
    ['Signed', `by ${said.iss}, ${timeText(said.issuedAt)}: good by the keys of ${keysFrom}`],
  ])
}
