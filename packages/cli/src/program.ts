import { Command, Help, Option } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { adminCommand } from './commands/admin.ts'
import type { ListOptions } from './commands/list.ts'
import type { GetOptions } from './commands/get.ts'
import type { RemoveOptions } from './commands/remove.ts'
import type { SetupOptions } from './commands/setup.ts'
import type { UploadOptions } from './commands/upload.ts'
import type { ContextOf } from './context.ts'
import { exitCodes } from './exit.ts'
import { addGroupCommands, withFilter } from './group-commands.ts'
import { addKeyCommands } from './key-commands.ts'
import { addLinkCommands } from './link-commands.ts'
import { addEventCommands } from './event-commands.ts'
import { addNameCommands } from './name-commands.ts'
import { addMovingCommands } from './moving-commands.ts'
import { addPinCommands } from './pin-commands.ts'
import { addProgramCommands } from './program-commands.ts'

/** Everything that can be said on the command line. Commands are loaded when they run, so that help comes at once. */
export function createProgram(contextOf: ContextOf): Command {
  const program = new Command('pinyon')
    .description('Your own IPFS pinning service, from the command line.')
    .option('--api <url>', 'the server (PINYON_API; else the profile, else http://127.0.0.1:8400)')
    .option('--key <jwt>', 'the JWT of a key (PINYON_JWT; else the profile)')
    .option('--profile <name>', 'another profile than "default" (PINYON_PROFILE)')
    .option('--json', 'results and errors as JSON, no progress')
    .version(manifest.version, '--version', 'the version of this program')
    .configureHelp({ showGlobalOptions: true, optionDescription })
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  ./pinyon setup                                   a new server: owner, account, first key
  ./pinyon upload --public photo.jpg               anyone on the IPFS network can read it
  ./pinyon upload ./drop                           a folder, private
  ./pinyon ls --name photo
  ./pinyon pin bafybei... --wait
  ./pinyon link create bafybei... --expires 1d     who has the link may read it
  ./pinyon import pinata --dry-run                 what would come from there
  ./pinyon export ./backup
  ./pinyon keys create ci --preset upload-only --max-uses 500 --expires-in 30d

Exit codes:
  0    done
${Object.entries(exitCodes)
  .map(([name, code]) => `  ${String(code).padEnd(4)} ${exitWords[name as keyof typeof exitCodes]}`) // the keys of that object
  .join('\n')}`,
    )
  addServerCommands(program, contextOf)
  addKeyCommands(program, contextOf)
  addFileCommands(program, contextOf)
  addPinCommands(program, contextOf)
  addGroupCommands(program, contextOf)
  addLinkCommands(program, contextOf)
  addEventCommands(program, contextOf)
  addNameCommands(program, contextOf)
  addMovingCommands(program, contextOf)
  addProgramCommands(program, contextOf)
  program.addCommand(adminCommand(contextOf))
  return program
}

/** As usual, but that an option which may be given again begins with none goes without saying. */
function optionDescription(option: Option): string {
  const shown = new Option(option.flags, option.description)
  const isEmptyList = Array.isArray(option.defaultValue) && option.defaultValue.length === 0
  return new Help().optionDescription(isEmptyList ? shown : option)
}

const exitWords: Readonly<Record<keyof typeof exitCodes, string>> = {
  failed: 'failed',
  usage: 'the command line is wrong',
  unreachable: 'no server answers',
  credentials: 'the key is unknown, expired or revoked',
  forbidden: 'the key may not do this',
  notFound: 'there is no such thing',
  quota: 'no room: the quota or the disk is full',
  conflict: 'it exists already, or is in use',
  interrupted: 'interrupted',
}

function addServerCommands(program: Command, contextOf: ContextOf): void {
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
      `
Without --api and PINYON_API the server is http://127.0.0.1:8400, whatever the profile holds.

Examples:
  ./pinyon setup
  echo "$PASSWORD" | ./pinyon setup --email me@example.org --password-stdin --json`,
    )
    .action(async (options: SetupOptions, command: Command) =>
      (await import('./commands/setup.ts')).setup(await contextOf(command), options),
    )

  program
    .command('login')
    .description('keep a server and a key for next time')
    .option('--jwt-stdin', 'read the JWT from stdin')
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon login --api https://pin.example.org --profile work\n  ./pinyon login --jwt-stdin < jwt.txt',
    )
    .action(async (options: { jwtStdin?: boolean }, command: Command) =>
      (await import('./commands/login.ts')).login(await contextOf(command), options),
    )

  program
    .command('status')
    .description('which server and account, what the key may do, what is left of it')
    .addHelpText('after', '\nExample:\n  ./pinyon status --json | jq .quota.leftBytes')
    .action(async (_options: unknown, command: Command) =>
      (await import('./commands/status.ts')).status(await contextOf(command)),
    )
}

function addFileCommands(program: Command, contextOf: ContextOf): void {
  program
    .command('upload')
    .description('upload files, folders, CARs, or stdin (-); private unless --public')
    .argument('<path...>', 'files and folders, or - for stdin')
    .option('--public', 'anyone on the IPFS network can read it')
    .option('--name <name>', 'another name than that of the file')
    .option('--car', 'the file is a CAR: its root becomes the file')
    .addOption(new Option('--cid-version <v>', 'v1 unless told').choices(['v0', 'v1']))
    .option('--keyvalue <key=value>', 'a key-value; again for more', collect, [])
    .option('--group <group>', 'put it into this group, by name or id')
    .option('--expires-in <time>', 'delete it after 90s, 15m, 12h, 30d, 2w, 1y')
    .option('--resume', 'a folder: send only what the server misses; run it again to go on, also elsewhere')
    .addHelpText(
      'after',
      `
Examples:
  ./pinyon upload --public --keyvalue shoot=alps *.jpg
  ./pinyon upload --public ./site
  ./pinyon upload --car collection.car
  tar c ./site | ./pinyon upload - --name site.tar
A file of 64 MiB or more goes on where it stopped when the same command runs again.`,
    )
    .action(async (paths: string[], options: UploadOptions, command: Command) =>
      (await import('./commands/upload.ts')).upload(await contextOf(command), paths, options),
    )

  program
    .command('ls')
    .description('list files, newest first')
    .option('--public', 'only public ones')
    .option('--private', 'only private ones')
    .option('--name <text>', 'only names that contain this')
    .option('--cid <cid>', 'only this CID')
    .option('--mime-type <type>', 'only this type, such as image/jpeg or directory')
    .option('--keyvalue <key=value>', 'only with this key-value; again for more', collect, [])
    .option('--group <group>', 'only those of this group, by name or id; "none": only those without one')
    .option('--limit <n>', 'how many', '20')
    .option('--all', 'all of them')
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon ls --public --keyvalue shoot=alps\n  ./pinyon ls --all --json | jq -r ".[].cid"',
    )
    .action(async (options: ListOptions, command: Command) =>
      (await import('./commands/list.ts')).list(await contextOf(command), options),
    )

  program
    .command('get')
    .description('write a file or folder to disk, also a private one')
    .argument('<file>', 'its id, or its CID')
    .option('-o, --output <path>', 'where to; - is stdout')
    .option('--path <path>', 'a path inside a folder')
    .option('--car', 'the whole DAG as a CAR')
    .addHelpText(
      'after',
      `
Examples:
  ./pinyon get bafybei... -o drop
  ./pinyon get bafybei... --path 2026/photo.jpg
  ./pinyon get 019c1f0e-5a2b-7c3d-8e4f-0123456789ab -o - | sha256sum`,
    )
    .action(async (which: string, options: GetOptions, command: Command) =>
      (await import('./commands/get.ts')).get(await contextOf(command), which, options),
    )

  program
    .command('receipt')
    .description('a signed receipt of a file, or whether a saved one is good')
    .argument('[file]', 'its id, or its CID')
    .option('--verify <path>', 'a receipt that was saved with --json')
    .option('--keys <path>', 'with --verify: a saved /.well-known/jwks.json, so that no server is asked')
    .addHelpText(
      'after',
      `
Examples:
  ./pinyon receipt 019c1f0e-5a2b-7c3d-8e4f-0123456789ab --json > receipt.json
  ./pinyon receipt --verify receipt.json
  ./pinyon receipt --verify receipt.json --keys keys.json`,
    )
    .action(async (which: string | undefined, options: { verify?: string; keys?: string }, command: Command) =>
      (await import('./commands/receipt.ts')).receipt(await contextOf(command), which, options),
    )

  withFilter(
    program
      .command('rm')
      .description('remove files; bytes that no other file shares come back within a minute')
      .argument('[file...]', 'ids or CIDs'),
  )
    .option('--group <group>', 'files of this group, by name or id')
    .option('--public', 'with a filter: public files')
    .option('--private', 'with a filter: private files')
    .option('--yes', 'with a filter: remove whatever it finds; ./pinyon ls takes the same options and shows it')
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon rm 019c1f0e-5a2b-7c3d-8e4f-0123456789ab\n  ./pinyon rm --private --keyvalue shoot=alps --yes',
    )
    .action(async (which: string[], options: RemoveOptions, command: Command) =>
      (await import('./commands/remove.ts')).remove(await contextOf(command), which, options),
    )
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
