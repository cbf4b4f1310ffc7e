import type { Driver } from '../load/driver.ts'
import type { Thing } from '../load/history.ts'
import { checkFiles, checkUploads, checkUsage, readBack } from './files.ts'
import { openReader } from './reader.ts'
import { checkCredentials, checkLists, checkPins, chosen } from './things.ts'

/**
 * Holds a running installation against everything that was ever asked of it (I1, I2, I4 to I7), while nobody changes it.
 * Answers every violation in words; none is right. Bytes that nobody changed since they were read are read again in
 * samples, unless `all`.
 */
export async function check(
  driver: Driver,
  { all = false, samples = 12 }: { all?: boolean; samples?: number } = {},
): Promise<string[]> {
  const wrong: string[] = []
  const reader = openReader(driver, wrong)
  const again = all ? Infinity : samples
  const there = new Set<Thing>()
  // Uploads first: what they say is whole must be in the lists.
  await checkUploads(reader)
  for (const account of driver.accounts.keys()) {
    for (const file of (await checkFiles(reader, account)).keys()) there.add(file)
    await checkUsage(reader, account)
    await checkPins(reader, account)
    await checkLists(reader, account)
  }
  for (const file of chosen(reader, 'file', again)) if (there.has(file)) await readBack(reader, file)
  await checkCredentials(reader, again)
  wrong.push(...driver.history.complaints.splice(0).map(({ request, words }) => `${request}: ${words}`))
  return wrong
}
