import { once } from 'node:events'
import { open } from 'node:fs/promises'
import * as server from '@pinyon/server/admin-audit.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { atPlace, type PlaceOptions } from './admin-place.ts'

/** Options of `admin audit export`. */
export interface ExportOptions {
  readonly since?: string
  readonly after?: string
  readonly to?: string
}

/** Verifies the audit log. Throws CommandError (AUDIT_BROKEN, exit code 1) that names the first thing that is wrong. */
export async function verifyAudit(context: Context, place: PlaceOptions): Promise<void> {
  const report = await atPlace(context, place, (at) => server.verifyAudit(at))
  const { lines, fault } = report
  if (fault !== null)
    throw new CommandError(`${fault.message} ${lines} lines before it are as they were sealed.`, {
      reason: 'AUDIT_BROKEN',
      exitCode: exitCodes.failed,
      facts: { report },
    })
  context.out.result(report, `The audit log is whole: ${lines} lines are as they were sealed, none is missing.`)
}

/** Writes sealed lines to stdout, or behind those that are in a file already. Throws CommandError (usage). */
export async function exportAudit(
  context: Context,
  place: PlaceOptions,
  { since, after, to }: ExportOptions,
): Promise<void> {
  const from = { after: readAfter(after), since: readSince(since) }
  if (to === undefined) {
    await atPlace(context, place, (at) =>
      server.exportAuditTo(at, from, async (line) => {
        if (!process.stdout.write(line)) await once(process.stdout, 'drain')
      }),
    )
    return
  }
  const file = await open(to, 'a+', 0o600)
  try {
    const before = after === undefined ? await findEnd(file) : { bytes: undefined, number: from.after }
    if (before.bytes !== undefined) await file.truncate(before.bytes)
    const begin = { ...from, after: before.number }
    const lines = await atPlace(context, place, (at) =>
      server.exportAuditTo(at, begin, (line) => file.appendFile(line)),
    )
    await file.sync()
    context.out.result({ lines, file: to }, `${lines} lines were added to ${to}.`)
  } finally {
    await file.close()
  }
}

/** Where the last whole line of an earlier export ends, and which one that is. */
async function findEnd(file: Awaited<ReturnType<typeof open>>): Promise<{ bytes: number; number: number }> {
  let bytes = 0
  let number = 0
  let rest = Buffer.alloc(0)
  for await (const piece of file.createReadStream({ start: 0, autoClose: false })) {
    rest = Buffer.concat([rest, piece as Buffer]) // a stream without an encoding gives buffers
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      number = readNumber(rest.subarray(0, end).toString())
      bytes += end + 1
      rest = rest.subarray(end + 1)
    }
  }
  return { bytes, number }
}

function readNumber(line: string): number {
  try {
    const number: unknown = JSON.parse(line).sealed.number
    if (typeof number === 'number') return number
  } catch {
    // Said below.
  }
  throw new CommandError('The file holds something else than an export of the audit log. Name another one.', {
    reason: 'NOT_AN_EXPORT',
    exitCode: exitCodes.usage,
  })
}

function readAfter(text: string | undefined): number {
  if (text === undefined) return 0
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new CommandError('--after wants a number: sealed.number of the last line you have.', {
    reason: 'USAGE',
    exitCode: exitCodes.usage,
  })
}

function readSince(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw new CommandError('--since wants a time such as 2026-11-01 or 2026-11-01T08:00:00Z.', {
    reason: 'USAGE',
    exitCode: exitCodes.usage,
  })
}
