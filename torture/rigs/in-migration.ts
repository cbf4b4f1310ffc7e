import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer, type StartOptions } from '../../acceptance/support/server.ts'
import type { DatabaseConfig } from '../../packages/server/src/db/interface.ts'
import { migrations } from '../../packages/server/src/db/migrations/index.ts'
import { makePublicPart, makeSecret } from '../../packages/server/src/keys/formats.ts'
import { files, rowsOfFirstSchema } from '../../packages/server/test/support/first-schema.ts'
import { makeOldDatabase } from '../../packages/server/test/support/old-database.ts'
import { sha256 } from '../load/content.ts'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import type { RigContext } from '../rig.ts'
import { openInstallation } from '../support/installation.ts'
import { keepLog } from '../support/keep-log.ts'

/** Where an installation that does not exist yet will have its database: an address of PostgreSQL, or in its directory. */
export type NewPlace = () => Promise<string | undefined>

/** A new installation whose first start is killed while its tables are made, several times, and then works. */
export async function inMigration({ dir, random }: RigContext, newPlace: NewPlace): Promise<string[]> {
  const place = { dir: join(dir, `new-${random.hex(4)}`), random }
  const dataDir = join(place.dir, 'data')
  const settings = settingsOf(await newPlace())
  const wrong = await killInMigration({ random }, { dataDir, env: settings }, 6)
  if (wrong.length > 0) return wrong
  const installation = await openInstallation(place, { env: settings })
  const stop = new AbortController()
  const load = applyLoad(installation.driver, { signal: stop.signal })
  await acknowledgedMore(installation.driver.history, 10)
  stop.abort()
  await load
  const found = await installation.check()
  await installation.close()
  return found.map((words) => `in migration: ${words}`)
}

/** An installation of the first schema whose upgrade is killed several times on its way, and then has all that it had. */
export async function inUpgrade({ dir, random }: RigContext, newPlace: NewPlace): Promise<string[]> {
  const dataDir = join(dir, `old-${random.hex(4)}`)
  await mkdir(join(dataDir, 'packs'), { recursive: true, mode: 0o700 })
  const url = await newPlace()
  const config: DatabaseConfig =
    url === undefined ? { kind: 'sqlite', file: join(dataDir, 'pinyon.db') } : { kind: 'postgres', url }
  const [publicPart, secret] = [makePublicPart(), makeSecret()]
  await makeOldDatabase(config, 1, await rowsOfFirstSchema(dataDir, { publicPart, secret }))
  const env = settingsOf(url)
  // Each gets a third of the rest on.
  const wrong = await killInMigration({ random }, { dataDir, env }, Math.floor(migrations.length / 4))
  if (wrong.length > 0) return wrong
  const server = await startServer({ dataDir, env })
  keepLog(server.process)
  try {
    const headers = { pinata_api_key: publicPart, pinata_secret_api_key: secret }
    for (const { id, name, bytes } of files) {
      const answer = await fetch(`${server.apiUrl}/pinyon/v1/files/${id}/content`, { headers })
      if (answer.status !== 200 || sha256(new Uint8Array(await answer.arrayBuffer())) !== sha256(bytes))
        wrong.push(`the file ${name} reads as ${answer.status}, or as other bytes`)
    }
    const whoami = await fetch(`${server.apiUrl}/pinyon/v1/whoami`, { headers })
    const { quota } = (await whoami.json()) as { quota?: { files: number; usedBytes: number } } // its own words below
    const sum = files.reduce((bytes, file) => bytes + file.bytes.length, 0)
    if (quota?.files !== files.length || quota.usedBytes !== sum)
      wrong.push(`the account is told ${JSON.stringify(quota)} of ${files.length} files of ${sum} bytes`)
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(random.bytes(1_000))]), 'new.bin')
    const written = await fetch(`${server.apiUrl}/v3/files`, { method: 'POST', headers, body: form })
    const words = await written.text()
    if (written.status !== 200) wrong.push(`an upload is answered ${written.status}: ${words}`)
  } finally {
    await server.kill()
  }
  return wrong.map((words) => `in an upgrade: ${words}`)
}

const settingsOf = (url: string | undefined): Record<string, string> =>
  url === undefined ? {} : { PINYON_DATABASE_URL: url }

/** Starts three times, each killed within so many migrations from where it begins. */
async function killInMigration(
  { random }: Pick<RigContext, 'random'>,
  { dataDir, env }: Required<Pick<StartOptions, 'dataDir' | 'env'>>,
  within: number,
): Promise<string[]> {
  for (const point of ['migration-next', 'migrated', 'migration-next']) {
    const failpoint = { PINYON_FAILPOINT: `${point}:kill:${1 + random.below(within)}` }
    const words = await startServer({ dataDir, env: { ...env, ...failpoint } }).then(
      async (server) => {
        await server.kill()
        return `the start did not come by ${point}`
      },
      // It was killed there, as it says before, or it refused for a reason of its own.
      (error: unknown) => (String(error).includes('Pinyon cannot start') ? String(error) : undefined),
    )
    if (words !== undefined) return [words]
  }
  return []
}
