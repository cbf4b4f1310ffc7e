import { sha256 } from '../load/content.ts'
import type { Installation } from '../support/installation.ts'
import { uploadOne } from './under-fault.ts'

/** Of a line of 1 Mbit, as slow as what people have who are far from everything. */
export const slowLineKilobits = 1_000

/**
 * Uploads a file over a line of `slowLineKilobits` and reads it back: whoever is slow and goes on is not taken for one
 * who stands still. Words for what does not go well, and where the line was not slow.
 */
export async function slowTransfer(
  installation: Installation,
  sizeBytes: number,
): Promise<{ seconds: number; found: string[] }> {
  const { driver } = installation
  const startedAt = performance.now()
  const sent = await uploadOne(installation, sizeBytes)
  const sentAt = performance.now()
  const seconds = () => Math.round((performance.now() - startedAt) / 100) / 10
  if (sent?.status !== 200)
    return { seconds: seconds(), found: [`a slow upload was answered ${sent?.status} ${sent?.text.slice(0, 200)}`] }
  const file = driver.history.ofKind('file').at(-1)
  const [part] = file?.facts.parts ?? []
  const read = await driver.read({ method: 'GET', path: `/pinyon/v1/files/${file?.id}/content`, as: 0 })
  const found: string[] = []
  if (read?.status !== 200) found.push(`a slow download was answered ${read?.status}, or was cut`)
  else if (sha256(read.body) !== part?.digest) found.push('a slow download has other bytes')
  // Some of it is on its way at once.
  const leastMs = (0.7 * sizeBytes * 8) / slowLineKilobits
  for (const [way, ms] of [
    ['upload', sentAt - startedAt],
    ['download', performance.now() - sentAt],
  ] as const)
    // prettier-ignore
    if (ms < leastMs) found.push(`the ${way} took ${Math.round(ms)} ms: the line was not slow, so nothing was shown`)
  return { seconds: seconds(), found }
}
