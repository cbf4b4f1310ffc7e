import type { AnswerOf } from '@pinyon/contract/client.ts'
import { allows, type Asked, describeAsked, normalisePermissions } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes } from '../exit.ts'

/** Whose key it is, and what it may do. */
export type KeyAbout = AnswerOf<typeof routes.whoami>

/**
 * Throws CommandError when the key may not ask these routes, before any of them is asked: it names every scope that is
 * lacking. Gives what the server says of the key.
 */
export async function requireScopes(context: Context, rows: readonly Asked[]): Promise<KeyAbout> {
  const client = await context.client()
  const about = await client.call(routes.whoami, { signal: context.signal })
  const granted = normalisePermissions(about.scopes)
  const lacking = [...new Set(rows.filter((row) => !allows(granted, row)).map(describeAsked))]
  if (lacking.length === 0) return about
  throw new CommandError(
    `This key may not do all of it, so nothing was begun. It lacks:\n${lacking.map((ways) => `  ${ways}`).join('\n')}\nGive another with --key JWT or PINYON_JWT. An admin key makes one: ./pinyon keys create NAME --scope SCOPE`,
    { reason: 'NO_SCOPES_FOUND', exitCode: exitCodes.forbidden, facts: { lacking } },
  )
}
