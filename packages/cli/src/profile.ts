import { readFile, rename, writeFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { makeFolders } from '@pinyon/server/lib/make-folders.ts'
import { UsageError } from './exit.ts'

/** A server and a key for it, kept for next time. */
export interface Profile {
  readonly api: string
  readonly jwt: string
}

/** The user's config directory of this program. */
export function configDir(env: NodeJS.ProcessEnv): string {
  const shared = env['XDG_CONFIG_HOME']
  // One that is not absolute is to be passed over: https://specifications.freedesktop.org/basedir-spec/latest/
  // An empty HOME is no home either, but what Node answers then.
  const base = shared !== undefined && isAbsolute(shared) ? shared : join(homedir() || userInfo().homedir, '.config')
  return env['PINYON_CONFIG_DIR'] ?? join(base, 'pinyon')
}

/** The file with all profiles. */
function profilesFile(env: NodeJS.ProcessEnv): string {
  return join(configDir(env), 'profiles.json')
}

/** The profile of that name; undefined when there is none. Throws UsageError when the file is not readable. */
export async function findProfile(env: NodeJS.ProcessEnv, name: string): Promise<Profile | undefined> {
  return (await readProfiles(env)).get(name)
}

/** Keeps a profile, in a file that only its owner can read. */
export async function saveProfile(env: NodeJS.ProcessEnv, name: string, profile: Profile): Promise<string> {
  const file = profilesFile(env)
  const profiles = Object.fromEntries([...(await readProfiles(env)), [name, profile]])
  const made = `${file}.${process.pid}.new`
  try {
    await makeFolders(join(file, '..'), 0o700)
    await writeFile(made, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await rename(made, file)
  } catch (error) {
    throw new UsageError(
      `The profile cannot be kept in ${file}: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return file
}

async function readProfiles(env: NodeJS.ProcessEnv): Promise<Map<string, Profile>> {
  const file = profilesFile(env)
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map() // what node:fs throws carries a code
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, Partial<Profile>>) // checked below
    return new Map(
      entries.map(([name, { api, jwt }]) => {
        if (typeof api !== 'string' || typeof jwt !== 'string') throw new TypeError('not a profile')
        return [name, { api, jwt }]
      }),
    )
  } catch {
    throw new UsageError(`${file} is damaged. Mend or remove it, then run ./pinyon login.`)
  }
}
