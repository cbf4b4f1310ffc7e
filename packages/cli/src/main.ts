import { Command, CommanderError, Option } from 'commander'
import { adminCommand } from './commands/admin.ts'
import { get, list, remove, type GetOptions, type ListOptions } from './commands/files.ts'
import { createKey, listKeys, regenerateKey, revokeKey, type CreateOptions } from './commands/keys.ts'
import { login } from './commands/login.ts'
import { setup, type SetupOptions } from './commands/setup.ts'
import { status } from './commands/status.ts'
import { upload, type UploadOptions } from './commands/upload.ts'
import { createContext, type Context, type GlobalOptions } from './context.ts'
import { describeFailure, exitCodeOf, exitCodes } from './exit.ts'

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort(new DOMException('Interrupted.', 'AbortError')))
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const program = new Command('pinyon')
  .description('Your own IPFS pinning service, from the command line.')
  .option('--api <url>', 'the server (PINYON_API; else the profile, else http://127.0.0.1:8400)')
  .option('--key <jwt>', 'the JWT of a key (PINYON_JWT; else the profile)')
  .option('--profile <name>', 'another profile than "default" (PINYON_PROFILE)')
  .option('--json', 'results as JSON, no progress')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  ./pinyon setup                                   a new server: owner, account, first key
  ./pinyon upload --public photo.jpg               anyone on the IPFS network can read it
  ./pinyon upload ./drop                           a folder, private
  ./pinyon ls --name photo
  ./pinyon keys create ci --preset upload-only --max-uses 500 --expires-in 30d

Exit codes: ${Object.entries(exitCodes)
      .map(([name, code]) => `${code} ${name}`)
      .join(', ')}; 0 done.`,
  )

const collect = (value: string, before: readonly string[]): string[] => [...before, value]
const contextOf = (command: Command): Context =>
  createContext(process.env, command.optsWithGlobals<GlobalOptions>(), interrupt.signal)

program
  .command('setup')
  .description('set a new server up: makes the owner, the first account and its key, shown once')
  .option('--email <email>', 'the owner; asked for when left out')
  .option('--password-stdin', 'read the password from stdin')
  .addOption(new Option('--network <network>', 'the IPFS network').choices(['local', 'public']))
  .addOption(
    new Option('--public-content <setting>', 'whether anything may become public').choices(['allowed', 'refused']),
  )
  .option('--data-dir <dir>', 'the data directory of the server (PINYON_DATA_DIR; else ./data of this checkout)')
  .option('--token <token>', 'the set-up token, when the data directory cannot be read here')
  .option('--no-save', 'keep no profile')
  .addHelpText(
    'after',
    '\nExample:\n  echo "$PASSWORD" | ./pinyon setup --email me@example.org --password-stdin --json',
  )
  .action(async (options: SetupOptions, command: Command) => setup(contextOf(command), options))

program
  .command('login')
  .description('keep a server and a key for next time')
  .option('--jwt-stdin', 'read the JWT from stdin')
  .addHelpText('after', '\nExample:\n  ./pinyon login --api https://pin.example.org --profile work')
  .action(async (options: { jwtStdin?: boolean }, command: Command) => login(contextOf(command), options))

program
  .command('status')
  .description('which server and account, what the key may do, what is left of it')
  .action(async (_options: unknown, command: Command) => status(contextOf(command)))

const keys = program.command('keys').description('make, list, revoke and regenerate API keys')
keys
  .command('create')
  .description('make a key; key, secret and JWT are shown once')
  .argument('<name>')
  .option('--admin', 'everything in this account')
  .option('--operator', 'power over the installation (only an operator can give it)')
  .option('--preset <name>', 'upload-only, read-only, all-but-delete')
  .option(
    '--scope <scope>',
    'one operation or set, such as files.upload or org:files:read; again for more',
    collect,
    [],
  )
  .option('--max-uses <n>', 'how many requests; no limit when left out')
  .option('--expires-in <time>', '90s, 15m, 12h, 30d, 1y; never when left out')
  .addHelpText(
    'after',
    '\nExamples:\n  ./pinyon keys create site --scope files.upload --scope files.list\n  ./pinyon keys create backup --admin --expires-in 1y',
  )
  .action(async (name: string, options: CreateOptions, command: Command) =>
    createKey(contextOf(command), name, options),
  )
keys
  .command('list')
  .alias('ls')
  .description('list keys')
  .addOption(new Option('--state <state>').choices(['active', 'exhausted', 'expired', 'revoked']))
  .option('--name <text>', 'only names that contain this')
  .action(async (options: { state?: string; name?: string }, command: Command) => listKeys(contextOf(command), options))
keys
  .command('revoke')
  .description('end a key: the next request with it is refused')
  .argument('<key>', 'the key as listed, its name or its id')
  .action(async (which: string, _options: unknown, command: Command) => revokeKey(contextOf(command), which))
keys
  .command('regenerate')
  .description('a new secret and JWT for the same key')
  .argument('<key>', 'the key as listed, its name or its id')
  .option('--overlap <time>', 'how long the old ones stay good, such as 15m')
  .action(async (which: string, options: { overlap?: string }, command: Command) =>
    regenerateKey(contextOf(command), which, options),
  )

program
  .command('upload')
  .description('upload files, folders, CARs, or stdin (-); private unless --public')
  .argument('<path...>')
  .option('--public', 'anyone on the IPFS network can read it')
  .option('--name <name>', 'another name than that of the file')
  .option('--car', 'the file is a CAR: its root becomes the file')
  .addOption(new Option('--cid-version <v>', 'v1 unless told').choices(['v0', 'v1']))
  .option('--keyvalue <key=value>', 'a key-value; again for more', collect, [])
  .option('--expires-in <time>', 'delete it after 90s, 15m, 12h, 30d, 1y')
  .addHelpText(
    'after',
    '\nExamples:\n  ./pinyon upload --public --keyvalue shoot=alps *.jpg\n  tar c ./site | ./pinyon upload - --name site.tar',
  )
  .action(async (paths: string[], options: UploadOptions, command: Command) =>
    upload(contextOf(command), paths, options),
  )

program
  .command('ls')
  .description('list files, newest first')
  .option('--public', 'only public ones')
  .option('--private', 'only private ones')
  .option('--name <text>', 'only names that contain this')
  .option('--cid <cid>', 'only this CID')
  .option('--keyvalue <key=value>', 'only with this key-value; again for more', collect, [])
  .option('--limit <n>', 'how many', '20')
  .option('--all', 'all of them')
  .action(async (options: ListOptions, command: Command) => list(contextOf(command), options))

program
  .command('get')
  .description('write a file or folder to disk, also a private one')
  .argument('<file>', 'its id, or its CID')
  .option('-o, --output <path>', 'where to; - is stdout')
  .option('--path <path>', 'a path inside a folder')
  .option('--car', 'the whole DAG as a CAR')
  .addHelpText(
    'after',
    '\nExamples:\n  ./pinyon get bafybei... -o drop\n  ./pinyon get 019c1f0e-5a2b-7c3d-8e4f-0123456789ab -o - | sha256sum',
  )
  .action(async (which: string, options: GetOptions, command: Command) => get(contextOf(command), which, options))

program
  .command('rm')
  .description('remove files; bytes that no other file shares come back within a minute')
  .argument('<file...>', 'ids or CIDs')
  .action(async (which: string[], _options: unknown, command: Command) => remove(contextOf(command), which))

program.addCommand(adminCommand(contextOf))

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : exitCodes.usage) // commander has said what is wrong
  const { message, json } = describeFailure(error)
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(json, null, 2)}\n`)
  else process.stderr.write(`${message}\n`)
  process.exit(exitCodeOf(error))
}
