import { resolve } from 'node:path'
import * as server from '@pinyon/server/admin.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes } from '../exit.ts'
import { bytesText, fields, safeText } from '../output.ts'
import { atPlace, type PlaceOptions } from './admin-place.ts'
import { watched } from './admin-watched.ts'

type VerifyReport = Awaited<ReturnType<typeof server.verify>>
type RepairReport = Awaited<ReturnType<typeof server.repair>>
type RebuildReport = Awaited<ReturnType<typeof server.rebuildIndex>>

/**
 * Reads what is stored and says what is damaged, and whose it is; with `all` counters are recounted too. Throws
 * CommandError (exit code 1) when something is wrong.
 */
export async function verify(
  context: Context,
  { all = false, ...place }: PlaceOptions & { readonly all?: boolean },
): Promise<void> {
  // Without reading the bytes it is over at once, and a rate would be none.
  const report = await watched(context, 'Verifying', all, (watch) =>
    atPlace(context, place, (at) => server.verify(at, { all, ...watch })),
  )
  if (!context.out.json) context.out.result(report, describeVerified(report, all))
  if (report.numberOfDamaged > 0) {
    throw new CommandError(`${count(report.numberOfDamaged, 'block')} cannot be served. ${mend}`, {
      reason: 'DAMAGED',
      exitCode: exitCodes.failed,
      facts: { report },
    })
  }
  const wrong = report.counters?.numberOfWrong ?? 0
  if (wrong > 0) {
    throw new CommandError(
      `${count(wrong, 'counter')} ${wrong === 1 ? 'is' : 'are'} not what ${wrong === 1 ? 'it counts' : 'they count'}. ${tell}`,
      {
        reason: 'COUNTERS_WRONG',
        exitCode: exitCodes.failed,
        facts: { report },
      },
    )
  }
  if (context.out.json) context.out.result(report, '')
}

const tell =
  'No content is lost by it, but quotas and totals are off: it is a fault of the program. Please report it with this output.'

const mend =
  'A backup may have them whole: ./pinyon admin repair --from DIR. Else get the files named above once (./pinyon get ID), so that the server notices, then upload them again: whole blocks take the place of damaged ones. Stored bytes that go bad point to the disk.'

/** Fills the index of blocks again. Throws CommandError (exit code 1) when blocks of pins are missing. */
export async function rebuildIndex(context: Context, place: PlaceOptions): Promise<void> {
  const report = await watched(context, 'Reading packs', true, (watch) =>
    atPlace(context, place, (at) => server.rebuildIndex(at, watch)),
  )
  if (!context.out.json) context.out.result(report, describeRebuilt(report))
  if (report.unfinishedPins.length > 0) {
    throw new CommandError(
      `${count(report.unfinishedPins.length, 'pin')} could not be made whole: blocks are in no pack. Upload the content again.`,
      { reason: 'BLOCKS_MISSING', exitCode: exitCodes.failed, facts: { report } },
    )
  }
  if (context.out.json) context.out.result(report, '')
}

/** Mends what is damaged from a backup. Throws CommandError (exit code 1) when some of it is damaged there too, or left out. */
export async function repair(
  context: Context,
  { from, ...place }: PlaceOptions & { readonly from: string },
): Promise<void> {
  const report = await watched(context, 'Verifying', true, (watch) =>
    atPlace(context, place, (at) => server.repair(at, { from: resolve(from), ...watch })),
  )
  const left = report.damaged - report.repaired
  if (!context.out.json || left === 0) context.out.result(report, describeRepaired(report))
  if (left === 0) return
  throw new CommandError(`${count(left, 'block')} could not be mended from there. ${mend}`, {
    reason: 'DAMAGED',
    exitCode: exitCodes.failed,
    facts: { report },
  })
}

function describeRepaired({ damaged, repaired, completedPacks, left }: RepairReport): string {
  const lines = left.map(({ cid, pack, files }) =>
    [
      `Left  ${cid}  (pack ${pack})`,
      ...files.map(({ id, accountId, name }) => `  file ${id}  ${safeText(name ?? '-')}  of account ${accountId}`),
    ].join('\n'),
  )
  const summary = fields([
    ['Packs', completedPacks.length === 0 ? 'all there' : `completed: ${completedPacks.join(', ')}`],
    ['Damaged', count(damaged, 'block')],
    ['Mended', String(repaired)],
  ])
  return [...lines, ...(lines.length > 0 ? [''] : []), summary].join('\n')
}

function describeVerified(report: VerifyReport, all: boolean): string {
  const damaged = report.damaged.map(({ cid, pack, reason, files }) =>
    [
      `${reason === 'missing' ? 'Missing' : 'Damaged'}  ${cid}  (pack ${pack})`,
      ...files.map(({ id, accountId, name }) => `  file ${id}  ${safeText(name ?? '-')}  of account ${accountId}`),
    ].join('\n'),
  )
  const summary = fields([
    ['Packs', String(report.packs)],
    ['Blocks', `${report.blocks}, ${bytesText(report.bytes)}`],
    ['Compared', all ? 'every byte with its hash' : 'packs with the index (--all reads every byte)'],
    ['Damaged', report.numberOfDamaged === 0 ? 'none' : String(report.numberOfDamaged)],
    ...(report.counters === null ? [] : [['Counters', describeCounters(report.counters)] as const]),
    ...(report.unknownPacks.length === 0
      ? []
      : [['Others', `${count(report.unknownPacks.length, 'pack')} that no file needs (yet)`] as const]),
  ])
  const wrong = (report.counters?.wrong ?? []).map(
    ({ counter, id, kept, counted }) => `Wrong    ${counter} ${id}: ${kept} kept, ${counted} counted`,
  )
  const lines = [...damaged, ...wrong]
  return [...lines, ...(lines.length > 0 ? [''] : []), summary].join('\n')
}

function describeCounters({ accounts, pins, numberOfWrong }: NonNullable<VerifyReport['counters']>): string {
  const recounted = `${count(accounts, 'account')} and ${count(pins, 'pin')} recounted`
  return numberOfWrong === 0 ? `right (${recounted})` : `${numberOfWrong} wrong (${recounted})`
}

function describeRebuilt(report: RebuildReport): string {
  const { unfinishedPins, tornPacks, numberOfForeign } = report
  const missing = unfinishedPins.map(
    ({ cid, missing }) => `Not whole  ${cid}\n${missing.map((one) => `  misses ${one}`).join('\n')}`,
  )
  const summary = fields([
    ['Packs', String(report.packs)],
    ['Sections', `${report.sections}, ${bytesText(report.bytes)}`],
    ['Added', count(report.addedBlocks, 'block')],
    ['Moved', count(report.movedBlocks, 'block')],
    ['Pins', `${report.repairedPins} made whole again, ${unfinishedPins.length} not`],
    ...(tornPacks.length === 0
      ? []
      : [['Torn', `${tornPacks.map(({ pack }) => pack).join(', ')}: cut off at the next start`] as const]),
    ...(numberOfForeign === 0
      ? []
      : [['Unusable', `${count(numberOfForeign, 'section')} whose bytes do not match`] as const]),
  ])
  return [...missing, ...(missing.length > 0 ? [''] : []), summary].join('\n')
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
