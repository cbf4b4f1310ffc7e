import * as server from '@pinyon/server/admin-denials.ts'
import type { Context } from '../context.ts'
import { CommandError } from '../exit.ts'
import { safeText, table, timeText } from '../output.ts'
import { atPlace, type PlaceOptions } from './admin-place.ts'

/** Options of `admin deny`. */
export interface DenyOptions {
  readonly reason: string
  readonly yes?: boolean
}

/** Takes content down in all accounts. Throws CommandError (CONFIRMATION_NEEDED) when it concerns more than one account. */
export async function deny(
  context: Context,
  place: PlaceOptions,
  cid: string,
  { reason, yes = false }: DenyOptions,
): Promise<void> {
  const done = await atPlace(context, place, (at) => server.deny(at, { cid, reason, confirm: yes })).catch(
    (error: unknown) => {
      if (!(error instanceof CommandError) || error.reason !== 'CONFIRMATION_NEEDED') throw error
      throw new CommandError(error.message.replace('with confirm', 'with --yes'), error)
    },
  )
  const { files, accounts } = done.holdings
  context.out.result(
    done,
    () =>
      `Taken down: ${safeText(cid)}. The gateway answers 410, and nobody may bring it again. It concerns ${files} files of ${accounts} accounts.`,
  )
}

/** Allows content again. */
export async function allow(context: Context, place: PlaceOptions, cid: string): Promise<void> {
  await atPlace(context, place, (at) => server.allow(at, cid))
  context.out.result({ cid }, () => `Allowed again: ${safeText(cid)}.`)
}

/** Lists what is taken down. */
export async function listDenials(context: Context, place: PlaceOptions): Promise<void> {
  const denials = await atPlace(context, place, server.listDenials)
  context.out.result(denials, () =>
    denials.length === 0
      ? 'Nothing is taken down.'
      : table(
          ['CID', 'SINCE', 'BY', 'REASON'],
          denials.map(({ cid, deniedAt, deniedBy, reason }) => [
            cid,
            timeText(deniedAt),
            deniedBy.kind,
            safeText(reason),
          ]),
        ),
  )
}
