import { resolve } from 'node:path'
import { outcomes } from '@pinyon/contract/errors.ts'
import { DatabaseUnreachable } from '@pinyon/server/db/database-unreachable.ts'
import { AppError } from '@pinyon/server/lib/errors.ts'
import { AdminRefused, type AdminPlace } from '@pinyon/server/open-admin.ts'
import type { Context } from '../context.ts'
import { defaultDataDir } from '../data-dir.ts'
import { CommandError, exitCodes } from '../exit.ts'

/** Options that every admin command takes. */
export interface PlaceOptions {
  readonly dataDir?: string
}

/** Runs something at the installation of the options; what is refused comes back in the words of the command line. */
export async function atPlace<T>(
  context: Context,
  { dataDir }: PlaceOptions,
  action: (place: AdminPlace) => Promise<T>,
): Promise<T> {
  try {
    return await action({
      env: context.env,
      dataDir: resolve(dataDir ?? context.env['PINYON_DATA_DIR'] ?? defaultDataDir),
      apiUrl: await linkBase(context),
    })
  } catch (error) {
    throw translate(error)
  }
}

/** Where links lead to: the server's own settings if they are in this environment, else where this program asks. */
async function linkBase(context: Context): Promise<string | undefined> {
  const { env, namedApiUrl } = context
  if (namedApiUrl !== undefined) return namedApiUrl
  return env['PINYON_API_URL'] === undefined && env['PINYON_API_LISTEN'] === undefined ? context.apiUrl() : undefined
}

function translate(error: unknown): unknown {
  if (error instanceof AdminRefused) {
    const isConflict = error.reason === 'SERVER_RUNNING' || error.reason === 'NOT_SET_UP'
    const exitCode = isConflict ? exitCodes.conflict : exitCodes.usage
    return new CommandError(error.message, { reason: error.reason, exitCode, cause: error })
  }
  if (!(error instanceof AppError)) return error
  const { reason, status } = outcomes[error.code]
  const exitCode =
    status === 404
      ? exitCodes.notFound
      : status === 409
        ? exitCodes.conflict
        : status === 400
          ? exitCodes.usage
          : exitCodes.failed
  const why =
    status >= 500 && error.cause instanceof Error && !(error instanceof DatabaseUnreachable)
      ? ` (${error.cause.message})`
      : ''
  return new CommandError(`${error.message}${why}`, { reason, exitCode, cause: error })
}
