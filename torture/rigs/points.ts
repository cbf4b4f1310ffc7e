import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { run } from '../../acceptance/support/run.ts'
import { startPostgres } from '../../packages/server/test/support/postgres.ts'
import type { Action } from '../load/action.ts'
import { acknowledgedMore, actions, applyLoad } from '../load/apply.ts'
import type { Rig, RigContext, RigResult } from '../rig.ts'
import { lossOfEarlyAnswers } from '../support/answers-early.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { inMigration, inUpgrade, type NewPlace } from './in-migration.ts'

/** A place that the load comes by, how often at most before the process is killed there, and what brings it there. */
interface Place {
  readonly point: string
  readonly atMost: number
  readonly only?: (action: Action) => boolean
  /** Most of what is stored is deleted first, so that there is something to reclaim. */
  readonly reclaims?: boolean
}

const by =
  (...rows: string[]) =>
  (action: Action) =>
    action.covers.some((row) => rows.includes(row))

const places: readonly Place[] = [
  { point: 'pack-synced', atMost: 8, only: by('filesUpload', 'pinFileToIPFS') },
  { point: 'commit-next', atMost: 30 },
  { point: 'committed', atMost: 30 },
  { point: 'folder-file-next', atMost: 4, only: by('filesUpload', 'pinFileToIPFS') },
  { point: 'folder-published-next', atMost: 2, only: by('folderUploadsFinish') },
  { point: 'chunk-saved', atMost: 3, only: by('filesUpload', 'uploadsAppend') },
  { point: 'chunk-finish-next', atMost: 2, only: by('filesUpload', 'uploadsAppend') },
  { point: 'webhook-sent', atMost: 2, only: by('webhooksCreate', 'pinFileToIPFS', 'pinJSONToIPFS') },
  { point: 'compaction-copied', atMost: 1, reclaims: true },
  { point: 'compaction-moved', atMost: 1, reclaims: true },
  { point: 'pack-emptied', atMost: 1, reclaims: true },
  { point: 'pack-removed', atMost: 1, reclaims: true },
]

/** F3, F4, F5, F7, F13, F80 and the classes beside them: the process ends exactly where it would hurt most. */
export const points: Rig = {
  name: 'points',
  proves:
    'a process killed between sync and commit, commit and answer, in compaction, migration, recovery, delivery or backup leaves everything whole (F3-F7, F13, F80)',
  needs: [],
  async run(context) {
    const onSqlite = await breakEverywhere(context, async () => undefined)
    // The statements and the commits of the other database are others.
    if (context.profile === 'short' || onSqlite.violations.length > 0) return onSqlite
    const server = await startPostgres()
    try {
      const onPostgres = await breakEverywhere(context, () => server.createDatabase())
      const violations = onPostgres.violations.map((words) => `on PostgreSQL: ${words}`)
      return { points: onSqlite.points + onPostgres.points, violations, figures: onSqlite.figures ?? {} }
    } finally {
      await server.stop()
    }
  },
  control: {
    does: 'commits are answered before they are made, and the process is killed before a commit',
    run: (context) =>
      lossOfEarlyAnswers(context, (installation, node) =>
        killAt(context, installation, { point: 'commit-next', atMost: 40 }, node),
      ),
  },
}

/** Everything once, or several times, on an installation whose database is at `newPlace`. */
async function breakEverywhere(context: RigContext, newPlace: NewPlace): Promise<RigResult> {
  const passes = context.rounds ?? (context.profile === 'short' ? 1 : 4)
  const url = await newPlace()
  const place = { dir: join(context.dir, url === undefined ? 'sqlite' : 'postgres'), random: context.random }
  const installation = await openInstallation(place, url === undefined ? {} : { env: { PINYON_DATABASE_URL: url } })
  const others = [inRecovery, inBackup, inHandler, inFolder].map((more) => () => more(context, installation))
  others.push(
    () => inMigration(context, newPlace),
    () => inUpgrade(context, newPlace),
  )
  const violations: string[] = []
  let reached = 0
  try {
    for (let pass = 0; pass < passes && violations.length === 0; pass++) {
      for (const one of places) {
        reached += (await killAt(context, installation, one)) ? 1 : 0
        const found = await installation.check()
        violations.push(...found.map((words) => `${one.point}: ${words}`))
        if (found.length > 0) break
      }
      for (const more of others) {
        if (violations.length > 0) break
        violations.push(...(await more()))
        reached++
      }
    }
    violations.push(...(await installation.check({ all: true })))
    const wanted = passes * (places.length + others.length)
    if (violations.length === 0 && reached < wanted)
      violations.push(`only ${reached} of ${wanted} places were reached: nothing was put to the test there`)
    return {
      points: reached,
      violations,
      figures: {
        ...installation.driver.history.counts,
        'ready again, ms at most': Math.round(Math.max(...installation.startsMs)),
      },
    }
  } finally {
    await installation.close()
  }
}

const killed = (name: string, nth = 1) => ({ PINYON_FAILPOINT: `${name}:kill:${nth}` })
/** How long a place may take to be come by; the reclaimer looks around once in a while. */
const patienceMs = 90_000

/** Has the process killed there while the load runs. False when nobody came by; then it was killed elsewhere. */
async function killAt(
  context: RigContext,
  installation: Installation,
  { point, atMost, only, reclaims = false }: Place,
  node: readonly string[] = [],
): Promise<boolean> {
  const { random } = context
  if (reclaims) await makeGarbage(installation)
  const env = killed(point, 1 + random.below(atMost))
  // A start passes some of the places, too: whoever is killed in it is killed there.
  const isUp = await installation.start({ node, env }).then(
    () => true,
    (error: unknown) => {
      if (String(error).includes(point)) return false
      throw error
    },
  )
  if (!isUp) {
    await installation.start()
    context.log(`${point}: killed there, while starting`)
    return true
  }
  const { process: child } = installation.server
  const ended = child.signalCode === null ? once(child, 'exit') : Promise.resolve()
  const stop = new AbortController()
  const chosen = only === undefined ? undefined : actions.filter(only)
  const load = reclaims
    ? deleteMost(installation)
    : applyLoad(installation.driver, { signal: stop.signal, ...(chosen === undefined ? {} : { only: chosen }) })
  const giveUp = new AbortController()
  const isReached = await Promise.race([
    ended.then(() => true),
    setTimeout(patienceMs, false, { signal: giveUp.signal }).catch(() => false),
  ])
  giveUp.abort()
  stop.abort()
  await installation.server.kill()
  await load
  await installation.start()
  context.log(`${point}: ${isReached ? 'killed there' : 'nobody came by'}`)
  return isReached
}

/** Files in packs that are sealed, since the process that wrote them has ended. */
async function makeGarbage(installation: Installation): Promise<void> {
  const stop = new AbortController()
  const load = applyLoad(installation.driver, {
    signal: stop.signal,
    only: actions.filter(by('filesUpload', 'filesImport')),
  })
  await acknowledgedMore(installation.driver.history, 40)
  stop.abort()
  await load
  await installation.server.stop()
}

/** Deletes all files but a few, as fast as it goes. */
async function deleteMost({ driver }: Installation): Promise<void> {
  const files = driver.history.settled('file').slice(0, -8)
  for (const file of files) {
    const [state] = file.possible
    const network = state === undefined || state === 'absent' ? 'public' : String(state['network'])
    const path = `/v3/files/${network}/${file.id}`
    if ((await driver.change(file, 'absent', { method: 'DELETE', path })) === undefined) return
  }
}

async function inRecovery({ random }: RigContext, installation: Installation): Promise<string[]> {
  const stop = new AbortController()
  const load = applyLoad(installation.driver, { signal: stop.signal })
  await acknowledgedMore(installation.driver.history, 5 + random.below(20))
  await installation.server.kill()
  await load
  // Twice: what the first left undone is there for the second.
  for (let time = 0; time < 2; time++) {
    const started = await installation.start({ env: killed('recovery-next') }).then(
      () => true,
      () => false,
    )
    if (started) return ['the start did not come by the recovery']
  }
  await installation.start()
  return (await installation.check()).map((words) => `in recovery: ${words}`)
}

async function inBackup({ dir, random }: RigContext, installation: Installation): Promise<string[]> {
  const to = join(dir, `backup-${random.hex(4)}`)
  const wrong: string[] = []
  for (const point of ['backup-database-copied', 'backup-packs-copied']) {
    const cut = await backup(installation, to, killed(point))
    if (cut.code === 0) wrong.push(`the backup was not killed at ${point}`)
  }
  const whole = await backup(installation, to, {})
  if (whole.code !== 0) wrong.push(`the backup after two that were killed failed: ${whole.stderr}`)
  return [...wrong, ...(await installation.check())].map((words) => `in backup: ${words}`)
}

function backup({ dataDir, databaseUrl }: Installation, to: string, env: Record<string, string>) {
  const cli = new URL('../../packages/cli/src/main.ts', import.meta.url).pathname
  const place = databaseUrl === undefined ? {} : { PINYON_DATABASE_URL: databaseUrl }
  return run(process.execPath, [cli, 'admin', 'backup', to, '--data-dir', dataDir], { env: { ...place, ...env } })
}

/** F13: an exception in a handler fails one request; a rejection that nobody handles fails none. */
async function inHandler({ random }: RigContext, installation: Installation): Promise<string[]> {
  const wrong: string[] = []
  for (const [action, allowed] of [
    ['throw', 1],
    ['reject', 0],
  ] as const) {
    await installation.start({ env: { PINYON_FAILPOINT: `request-next:${action}:${1 + random.below(10)}` } })
    const stop = new AbortController()
    const load = applyLoad(installation.driver, { signal: stop.signal })
    await acknowledgedMore(installation.driver.history, 30)
    stop.abort()
    await load
    const failed = installation.driver.history.complaints.splice(0)
    if (failed.length > allowed) wrong.push(...failed.map(({ request, words }) => `${action}: ${request}: ${words}`))
    if (failed.some(({ words }) => /at .*\.ts:\d+|failpoint/i.test(words))) wrong.push('the answer tells of the inside')
    if (!/failpoint request-next/.test(installation.server.output()))
      wrong.push(`the log does not name the fault (${action}, I12)`)
    wrong.push(...(await installation.check()))
  }
  await installation.start()
  return wrong.map((words) => `in a handler: ${words}`)
}

/** F80: one file of a folder fails, and nothing of the folder is published. */
async function inFolder({ random }: RigContext, installation: Installation): Promise<string[]> {
  await installation.start({ env: { PINYON_FAILPOINT: 'folder-file-next:throw:2' } })
  const { driver } = installation
  const parts = ['a', 'b', 'c'].map((path) => ({ path, bytes: random.bytes(300_000) }))
  const form = new FormData()
  for (const { path, bytes } of parts) form.append('file', new Blob([new Uint8Array(bytes)]), `root/${path}`)
  form.append('name', `broken-${random.hex(6)}`)
  const answer = await driver.ask({ method: 'POST', path: '/v3/files', form })
  const wrong = answer?.status === 500 ? [] : [`a folder with a file that failed answered ${answer?.status}`]
  await installation.start()
  // Nobody made it, so a list that shows it is a violation.
  return [...wrong, ...(await installation.check())].map((words) => `in a folder: ${words}`)
}
