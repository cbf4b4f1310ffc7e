import { type Command, Option } from 'commander'
import type { CreateOptions } from './commands/keys.ts'
import type { ContextOf } from './context.ts'

/** `keys`: API keys, their children and what is told of them. */
export function addKeyCommands(program: Command, contextOf: ContextOf): void {
  const keys = program
    .command('keys')
    .description('make, list, revoke and regenerate API keys')
    .addHelpText('after', '\nExample:\n  ./pinyon keys create site --preset upload-only')
  addCreate(keys, contextOf)
  addLists(keys, contextOf)
  addTold(keys, contextOf)
  keys
    .command('revoke')
    .description('end a key and its children: the next request with them is refused')
    .argument('<key>', 'the key as listed, its name or its id')
    .addHelpText('after', '\nExample:\n  ./pinyon keys revoke ci')
    .action(async (which: string, _options: unknown, command: Command) =>
      (await import('./commands/keys.ts')).revokeKey(await contextOf(command), which),
    )
  keys
    .command('regenerate')
    .description('a new secret and JWT for the same key')
    .argument('<key>', 'the key as listed, its name or its id')
    .option('--overlap <time>', 'how long the old ones stay good, such as 15m')
    .addHelpText('after', '\nExample:\n  ./pinyon keys regenerate ci --overlap 15m')
    .action(async (which: string, options: { overlap?: string }, command: Command) =>
      (await import('./commands/keys.ts')).regenerateKey(await contextOf(command), which, options),
    )
}

function addCreate(keys: Command, contextOf: ContextOf): void {
  keys
    .command('create')
    .description('make a key; key, secret and JWT are shown once')
    .argument('<name>', 'what the key is called')
    .option('--admin', 'everything in this account')
    .option('--operator', 'power over the installation (only an operator can give it)')
    .addOption(new Option('--preset <name>', 'a ready set: upload-only, read-only, all-but-delete, pinning-service'))
    .option(
      '--scope <scope>',
      'one operation or set, such as files.upload or org:files:read; again for more',
      collect,
      [],
    )
    .option('--max-uses <n>', 'how many requests; no limit when left out')
    .option('--expires-in <time>', '90s, 15m, 12h, 30d, 2w, 1y; never when left out')
    .option('--parent <key>', 'make it a child of this key: it ends with it, and is at most what that is')
    .option('--own', 'it sees and changes only files that it or its children made')
    .option('--address <range>', 'only from there, such as 10.0.0.0/8; again for more', collect, [])
    .option(
      '--origin <origin>',
      'only in pages of this origin, such as https://app.example; again for more',
      collect,
      [],
    )
    .option('--group <id>', 'only files of this group; again for more', collect, [])
    .option('--max-bytes <bytes>', 'how much may be uploaded with it in all, such as 10GiB')
    .option('--max-file-bytes <bytes>', 'how large one upload may be, such as 50MB')
    .option('--type <type>', 'only such content, such as image/* or directory; again for more', collect, [])
    .addHelpText(
      'after',
      `
Examples:
  ./pinyon keys create ci --preset upload-only --max-uses 500 --expires-in 30d
  ./pinyon keys create site --scope files.upload --scope files.list
  ./pinyon keys create backup --admin --expires-in 1y
  ./pinyon keys create user-17 --parent app --own --scope files.upload --type 'image/*' --max-bytes 1GB`,
    )
    .action(async (name: string, options: CreateOptions, command: Command) =>
      (await import('./commands/keys.ts')).createKey(await contextOf(command), name, options),
    )
}

function addLists(keys: Command, contextOf: ContextOf): void {
  keys
    .command('list')
    .alias('ls')
    .description('list keys')
    .addOption(new Option('--state <state>', 'only those').choices(['active', 'exhausted', 'expired', 'revoked']))
    .option('--limited', 'only keys with max uses')
    .option('--name <text>', 'only names that contain this')
    .addHelpText('after', '\nExample:\n  ./pinyon keys list --state active')
    .action(async (options: { state?: string; limited?: boolean; name?: string }, command: Command) =>
      (await import('./commands/keys.ts')).listKeys(await contextOf(command), options),
    )
  keys
    .command('tree')
    .description('a key and those below it, or all keys that have children')
    .argument('[key]', 'the key as listed, its name or its id')
    .addHelpText('after', '\nExample:\n  ./pinyon keys tree app')
    .action(async (which: string | undefined, _options: unknown, command: Command) =>
      (await import('./commands/key-tree.ts')).showTree(await contextOf(command), which),
    )
}

function addTold(keys: Command, contextOf: ContextOf): void {
  keys
    .command('refusals')
    .description('what a key was refused, and what would allow it')
    .argument('<key>', 'the key as listed, its name or its id')
    .addHelpText('after', '\nExample:\n  ./pinyon keys refusals ci')
    .action(async (which: string, _options: unknown, command: Command) =>
      (await import('./commands/key-records.ts')).showRefusals(await contextOf(command), which),
    )
  keys
    .command('advice')
    .description('what a key may do and has not done for 90 days')
    .argument('<key>', 'the key as listed, its name or its id')
    .addHelpText('after', '\nExample:\n  ./pinyon keys advice ci')
    .action(async (which: string, _options: unknown, command: Command) =>
      (await import('./commands/key-records.ts')).showAdvice(await contextOf(command), which),
    )
  keys
    .command('uses')
    .description('how often a key was used, by day')
    .argument('<key>', 'the key as listed, its name or its id')
    .option('--days <n>', 'how many days, 400 at most; 30 when left out')
    .addHelpText('after', '\nExample:\n  ./pinyon keys uses ci --days 90')
    .action(async (which: string, options: { days?: string }, command: Command) =>
      (await import('./commands/key-records.ts')).showUses(await contextOf(command), which, options),
    )
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}
