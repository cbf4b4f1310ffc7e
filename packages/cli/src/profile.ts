import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { UsageError } from './exit.ts'

/** A server and a key for it, kept for next time. */
export interface Profile {
  readonly api: string
  readonly jwt: string
}

type Profiles = Record<string, Profile>

const defaultName = 'default'

/** Where profiles are kept: the user's config directory. */
export function configDir(env: NodeJS.ProcessEnv): string {
  return env['PINYON_CONFIG_DIR'] ?? join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'pinyon')
}

/** The profile of that name; undefined when there is none. Throws UsageError when the file is not readable. */
export async function findProfile(env: NodeJS.ProcessEnv, name = defaultName): Promise<Profile | undefined> {
  return (await readProfiles(env))[name]
}

/** Keeps a profile, in a file that only its owner can read. */
export async function saveProfile(env: NodeJS.ProcessEnv, profile: Profile, name = defaultName): Promise<string> {
  const dir = configDir(env)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, 'profiles.json')
  const profiles = { ...(await readProfiles(env)), [name]: profile }
  await writeFile(`${file}.new`, `${JSON.stringify(profiles, null, 2)}\n`, { mode: 0o600 })
  await chmod(`${file}.new`, 0o600)
  await rename(`${file}.new`, file)
  return file
}

async function readProfiles(env: NodeJS.ProcessEnv): Promise<Profiles> {
  const file = join(configDir(env), 'profiles.json')
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {} // what node:fs throws carries a code
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`)
  }
  try {
    return JSON.parse(text) as Profiles // written by saveProfile
  } catch {
    throw new UsageError(`${file} is not JSON. Mend or remove it, then run ./pinyon login.`)
  }
}
