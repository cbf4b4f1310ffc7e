import { createReadStream } from 'node:fs'
import { CommandError, exitCodes } from '../exit.ts'
import { safeText } from '../output.ts'
import { NoLines, readLines } from './read-lines.ts'
import type { KeyAbout } from './require-scopes.ts'

/** The first line of a manifest. Programs that know another version refuse it. */
export const manifestHead = { pinyon: 'export', version: 1 } as const

/** What of an account is exported: all of it without a choice. */
export interface Choice {
  readonly public?: boolean
  readonly private?: boolean
  readonly name?: string
  readonly keyvalue: readonly string[]
}

/** Of what an export is: stands in the head of its manifest. */
export interface Exported {
  /** The id of the account; not its name, which is often somebody's address. */
  readonly account: string
  /** As it was chosen, in words. */
  readonly what: string
}

/** The head of the manifest of an export. */
export function headOf(exported: Exported): string {
  return JSON.stringify({ ...manifestHead, ...exported })
}

/** What was chosen, in words that are the same for the same choice alone. A key that sees a part of the account has one of its own. */
export function describeChoice(
  { name, keyvalue, private: isPrivate, public: isPublic }: Choice,
  { key, seesAllFiles }: Pick<KeyAbout, 'key' | 'seesAllFiles'>,
): string {
  const network = isPublic === isPrivate ? 'everything' : isPublic === true ? 'everything public' : 'everything private'
  const named = name === undefined ? '' : ` named ${JSON.stringify(name)}`
  const pairs = keyvalue.toSorted().map((pair) => ` with ${JSON.stringify(pair)}`)
  const seen = seesAllFiles || key === null ? '' : ` that the key ${key.id} sees`
  return `${network}${named}${pairs.join('')}${seen}`
}

/**
 * Throws CommandError when the folder of the manifest `path` holds another export: of another account, or of something
 * else of this one. Its manifest would be lost. One without a head that says so, of an earlier version, is taken for the same.
 */
export async function requireSameExport(dir: string, path: string, exported: Exported): Promise<void> {
  const there = await findExported(path)
  if (there === undefined) return
  const isOther = there.account !== exported.account
  if (!isOther && there.what === exported.what) return
  const holds = isOther ? 'the export of another account' : `an export of ${safeText(there.what)}`
  const brings = isOther ? 'This one' : `This one is of ${safeText(exported.what)}, and`
  throw new CommandError(
    `${safeText(dir)} holds ${holds}. ${brings} would take the place of its manifest: name another folder.`,
    { reason: 'OTHER_EXPORT', exitCode: exitCodes.usage },
  )
}

async function findExported(path: string): Promise<Exported | undefined> {
  try {
    for await (const line of readLines(createReadStream(path))) {
      const { account, what } = (JSON.parse(line) as Partial<Exported> | null) ?? {} // looked at below
      return typeof account === 'string' && typeof what === 'string' ? { account, what } : undefined
    }
    return undefined
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isAbsent || error instanceof SyntaxError || error instanceof NoLines) return undefined
    throw error
  }
}
