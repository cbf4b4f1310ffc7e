import type { Context } from '../context.ts'
import { CommandError, exitCodes, PartlyDone } from '../exit.ts'
import { fields, safeText } from '../output.ts'
import type { Comparison } from './compare-with-here.ts'
import type { Outcome } from './import-item.ts'
import { presentOutcome } from './present-outcome.ts'

/** The code of an import that some files are missing from. */
export const incompleteImport = 'INCOMPLETE_IMPORT'

/** Missing files that are named; all of them stand in `--json`. */
const shownMissing = 20

/** Says what was imported and what is missing, what was refused before too. Throws a CommandError when anything is. */
export function reportImport(
  context: Context,
  outcomes: readonly Outcome[],
  { source, here, ...comparison }: Comparison,
  refused: readonly Outcome[],
): void {
  const missing = [...comparison.missing, ...refused]
  const all = [...outcomes, ...refused]
  const count = (state: Outcome['state']) => all.filter((outcome) => outcome.state === state).length
  const compared = {
    source,
    here,
    missing: missing.length,
    imported: count('imported'),
    wereHere: count('here'),
    waiting: count('waiting'),
    failed: count('failed'),
  }
  const text = fields([
    ['At the source', `${source.files} files, ${source.cids} CIDs`],
    ['Here of them', `${here.files} files, ${here.cids} CIDs (${compared.imported} new)`],
  ])
  const items = all.map(presentOutcome)
  if (missing.length === 0)
    return context.out.result({ compared, items }, `${text}\nNothing is missing. Nothing was changed at the source.`)
  const shown = missing.slice(0, shownMissing).map(describe)
  const more = missing.length > shownMissing ? [`  and ${missing.length - shownMissing} more: see --json`] : []
  const words = [text, `${missing.length} missing. Run the same command again to go on:`, ...shown, ...more].join('\n')
  const failure = new CommandError(words, {
    reason: incompleteImport,
    exitCode: exitCodes.failed,
    facts: { compared },
  })
  throw new PartlyDone(failure, items)
}

function describe({ item, state, error }: Outcome): string {
  const name = item.name === null ? '' : ` ${safeText(item.name)}`
  const why = error ?? (state === 'here' || state === 'imported' ? 'The server does not list it.' : state)
  return `  ${safeText(item.cid)}${name}: ${safeText(why)}`
}
