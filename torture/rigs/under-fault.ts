import { setTimeout } from 'node:timers/promises'
import type { Action } from '../load/action.ts'
import { applyLoad } from '../load/apply.ts'
import { sha256 } from '../load/content.ts'
import type { Answer, Tolerance } from '../load/driver.ts'
import { certain, type Thing } from '../load/history.ts'
import { newFile, uploaded } from '../load/uploads.ts'
import type { Installation } from '../support/installation.ts'

/** So long may recovery take after a fault has ended, without a person (I8). */
const recoveryMs = 30_000
/** So long may an answer take while something is broken (I10); five times that on a machine that others use as well. */
const answerMs = 50_000

/** Has the load run for a while. While something is broken, refusals of a broken machine are `tolerated`. */
export async function loadFor(
  { driver }: Installation,
  ms: number,
  { tolerance = 'nothing', only }: { tolerance?: Tolerance; only?: readonly Action[] } = {},
): Promise<void> {
  driver.tolerance = tolerance
  try {
    const load = { clients: 4, signal: AbortSignal.timeout(ms), patient: true }
    await applyLoad(driver, only === undefined ? load : { ...load, only })
  } finally {
    driver.tolerance = 'nothing'
  }
}

/** Sends one file of so many bytes and writes it down. */
export async function uploadOne({ driver }: Installation, sizeBytes: number): Promise<Answer | undefined> {
  const bytes = driver.random.bytes(sizeBytes)
  const file = newFile(driver, { parts: [{ path: '', bytes }], account: 0 })
  const form = new FormData()
  const keyvalues = { way: 'probe' }
  for (const [name, value] of Object.entries({
    network: 'private',
    name: file.name,
    keyvalues: JSON.stringify(keyvalues),
  }))
    form.append(name, value)
  form.append('file', new Blob([new Uint8Array(bytes)]), 'probe.bin')
  const before = file.possible
  file.possible = [...before, uploaded(file, { network: 'private', keyvalues })]
  const answer = await driver.ask({ method: 'POST', path: '/v3/files', form, as: 0 })
  if (answer?.status === 200) {
    file.possible = file.possible.slice(-1)
    file.id = answer.body.data.id
    file.facts.cid = answer.body.data.cid
  } else if (answer !== undefined && answer.status < 500) file.possible = before
  return answer
}

/** Uploads until one is refused with one of these statuses; words when none is, or when a refusal is not as it must be. */
export async function untilRefused(
  installation: Installation,
  { statuses, sizeBytes, tries = 60 }: { statuses: readonly number[]; sizeBytes: number; tries?: number },
): Promise<string[]> {
  for (let at = 0; at < tries; at++) {
    const startedAt = performance.now()
    const answer = await uploadOne(installation, sizeBytes)
    const tookMs = performance.now() - startedAt
    if (tookMs > answerMs) return [`an upload was answered only after ${Math.round(tookMs)} ms`]
    if (answer === undefined) return ['the connection of an upload broke']
    if (answer.status === 200) continue
    if (!statuses.includes(answer.status)) return [`an upload was refused with ${answer.status} ${answer.text}`]
    return answer.headers.has('retry-after') ? [] : [`${answer.status} came without Retry-After`]
  }
  return [`none of ${tries} uploads was refused`]
}

/** Uploads some files that the load leaves alone, so that there is something to read and delete however slow the machine is. */
export async function keepFiles(installation: Installation, count: number): Promise<Thing[]> {
  const kept: Thing[] = []
  for (let at = 0; at < count; at++) {
    const answer = await uploadOne(installation, 20_000)
    const file = installation.driver.history.ofKind('file').at(-1)
    if (answer?.status !== 200 || file === undefined) throw new Error(`a file could not be kept: ${answer?.status}`)
    // What somebody changes nobody else does.
    file.busy = true
    kept.push(file)
  }
  return kept
}

/** Gives kept files to the load. */
export function letGo(kept: readonly Thing[]): void {
  for (const file of kept) file.busy = false
}

/** Reads the first of the kept files, and deletes the last. Words for what does not go well. */
export async function readAndDelete(installation: Installation, kept: Thing[]): Promise<string[]> {
  const { driver } = installation
  const [read] = kept
  const gone = kept.pop()
  if (read === undefined || gone === undefined || read === gone) throw new Error('too few files were kept')
  const wrong = await readOne(installation, read)
  const network = String(certain(gone)?.['network'])
  const before = gone.possible
  gone.possible = [...before, 'absent']
  const ask = { method: 'DELETE', path: `/v3/files/${network}/${gone.id}`, as: gone.account }
  const answer = await driver.ask(ask)
  if (answer?.status === 200) gone.possible = ['absent']
  else wrong.push(`a delete was answered ${answer?.status} ${answer?.text}`)
  return wrong
}

/** Tries some uploads while something is broken: words for those that were neither acknowledged nor refused as they may be. */
export async function tryUploads(
  installation: Installation,
  { count, sizeBytes }: { count: number; sizeBytes: number },
): Promise<string[]> {
  const wrong: string[] = []
  for (let at = 0; at < count; at++) {
    const answer = await uploadOne(installation, sizeBytes)
    const isRefused = answer !== undefined && [503, 504, 507].includes(answer.status)
    if (answer !== undefined && answer.status !== 200 && !isRefused)
      wrong.push(`an upload was answered ${answer.status} ${answer.text.slice(0, 200)}`)
  }
  return wrong
}

async function readOne({ driver }: Installation, file: Thing): Promise<string[]> {
  const [part] = file.facts.parts ?? []
  const query = part === undefined || part.path === '' ? '' : `?path=${encodeURIComponent(part.path)}`
  const path = `/pinyon/v1/files/${file.id}/content${query}`
  const bytes = await driver.read({ method: 'GET', path, as: file.account })
  if (bytes?.status !== 200) return [`a file reads as ${bytes?.status} ${bytes?.body.toString().slice(0, 200)}`]
  return sha256(bytes.body) === part?.digest ? [] : ['a file reads with other bytes']
}

/** What `/health/ready` says. */
export async function readiness({ driver }: Installation): Promise<string> {
  const answer = await driver.ask({ method: 'GET', path: '/health/ready', as: 'none' })
  return `${answer?.status} ${answer?.text}`
}

/** Without what is said of readiness: for controls, which must lose something to show that a loss is found. */
export function losses(violations: readonly string[]): string[] {
  return violations.filter((words) => !words.startsWith('ready '))
}

/** Waits until uploads go well again and health says so; how long that took, or words. */
export async function recovery(installation: Installation): Promise<{ ms: number; violations: string[] }> {
  const startedAt = performance.now()
  let last = ''
  while (performance.now() - startedAt < recoveryMs) {
    const answer = await uploadOne(installation, 1_000)
    last = `${answer?.status} ${answer?.text.slice(0, 200)}, ready says ${await readiness(installation)}`
    if (answer?.status === 200 && last.endsWith('200 {"status":"ready"}'))
      return { ms: performance.now() - startedAt, violations: [] }
    await setTimeout(250)
  }
  return { ms: recoveryMs, violations: [`not as before within ${recoveryMs / 1000} s: ${last}`] }
}
