import { type Case } from './case.ts'
import { Otherwise } from './otherwise.ts'
import { fileCases } from './cases/files.ts'
import { gatewayCases } from './cases/gateway.ts'
import { groupCases } from './cases/groups.ts'
import { keyCases } from './cases/keys.ts'
import { legacyCases } from './cases/legacy.ts'
import { linkCases } from './cases/links.ts'
import { pinningCases } from './cases/pinning.ts'
import { restCases } from './cases/rest.ts'
import { resumableCases } from './cases/resumable.ts'
import { Place, type PlaceOptions } from './place.ts'
import { rowOf, type Report, type Row } from './report.ts'

/** All cases, in the order in which they hand things on. None is left out, wherever it is run. */
export const allCases: readonly Case[] = [
  ...keyCases,
  ...fileCases,
  ...legacyCases,
  ...groupCases,
  ...linkCases,
  ...resumableCases,
  ...pinningCases,
  ...gatewayCases,
  ...restCases,
]

/** Runs every case and removes what it made. A case that throws is a case that is not as expected. */
export async function runCases(options: PlaceOptions): Promise<Report> {
  const place = new Place(options)
  const rows: Row[] = []
  for (const each of allCases) {
    try {
      rows.push(rowOf(each, await each.check(place), true))
    } catch (error) {
      const got =
        error instanceof Otherwise
          ? error.message
          : `no answer: ${error instanceof Error ? error.message : String(error)}`
      rows.push(rowOf(each, got, false))
    }
  }
  const left = await place.cleanUp()
  return { api: options.api, at: new Date().toISOString(), rows, left }
}
