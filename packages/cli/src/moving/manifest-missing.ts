import { appendFile } from 'node:fs/promises'
import { ExportedGap } from '@pinyon/contract/schemas/imports.ts'

/** That the CAR of a root which the manifest names is not there, and why. */
export type MissingCar = ExportedGap

/** Such a line as it is read; undefined for what is none. */
export function readMissingCar(value: unknown): MissingCar | undefined {
  return ExportedGap.safeParse(value).data
}

/** Closes a manifest with what could not be fetched. */
export async function appendMissing(path: string, missing: readonly Omit<MissingCar, 'kind'>[]): Promise<void> {
  if (missing.length === 0) return
  const lines = missing.map(({ cid, error }) => `${JSON.stringify({ kind: 'missing', cid, error })}\n`)
  await appendFile(path, lines.join(''), { flush: true })
}
