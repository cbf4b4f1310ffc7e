import type { Command } from 'commander'
import type { SelectOptions } from './commands/bulk.ts'
import type { ContextOf } from './context.ts'

/** `groups`: named sets of files. */
export function addGroupCommands(program: Command, contextOf: ContextOf): void {
  const groups = program
    .command('groups')
    .description('named sets of files, each of one network; a file is in one at most')
    .addHelpText(
      'after',
      '\nExample:\n  ./pinyon groups create "Alps 2026" && ./pinyon upload --group "Alps 2026" *.jpg',
    )
  groups
    .command('create')
    .description('make a group; of private files unless --public')
    .argument('<name>', 'its name')
    .option('--public', 'of public files')
    .option('--open', 'private files of it can be read at the gateway, at /files/CID, without a signature')
    .addHelpText('after', '\nExamples:\n  ./pinyon groups create Invoices\n  ./pinyon groups create --public "Drop 1"')
    .action(async (name: string, options: { public?: boolean; open?: boolean }, command: Command) =>
      (await import('./commands/groups.ts')).createGroup(await contextOf(command), name, options),
    )
  groups
    .command('ls')
    .alias('list')
    .description('list groups, newest first')
    .option('--public', 'only those of public files')
    .option('--private', 'only those of private files')
    .option('--name <text>', 'only names that contain this')
    .addHelpText('after', '\nExample:\n  ./pinyon groups ls --name drop')
    .action(async (options: { public?: boolean; private?: boolean; name?: string }, command: Command) =>
      (await import('./commands/groups.ts')).listGroups(await contextOf(command), options),
    )
  groups
    .command('show')
    .description('show a group; its files: ./pinyon ls --group GROUP')
    .argument('<group>', 'its name or id')
    .addHelpText('after', '\nExample:\n  ./pinyon groups show Invoices')
    .action(async (which: string, _options: unknown, command: Command) =>
      (await import('./commands/groups.ts')).showGroup(await contextOf(command), which),
    )
  groups
    .command('rename')
    .description('give a group another name')
    .argument('<group>', 'its name or id')
    .argument('<name>', 'the new name')
    .addHelpText('after', '\nExample:\n  ./pinyon groups rename Invoices "Invoices 2026"')
    .action(async (which: string, name: string, _options: unknown, command: Command) =>
      (await import('./commands/groups.ts')).renameGroup(await contextOf(command), which, name),
    )
  groups
    .command('rm')
    .description('delete groups; their files stay')
    .argument('<group...>', 'names or ids')
    .addHelpText('after', '\nExample:\n  ./pinyon groups rm Invoices')
    .action(async (which: string[], _options: unknown, command: Command) =>
      (await import('./commands/groups.ts')).removeGroups(await contextOf(command), which),
    )
  addMoves(groups, contextOf)
}

function addMoves(groups: Command, contextOf: ContextOf): void {
  withFilter(
    groups
      .command('add')
      .description('put files into a group, by id, CID or filter; they leave the one they were in')
      .argument('<group>', 'its name or id')
      .argument('[file...]', 'ids or CIDs'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon groups add Alps bafybei... bafkrei...\n  ./pinyon groups add Alps --keyvalue shoot=alps',
    )
    .action(async (which: string, files: string[], options: SelectOptions, command: Command) =>
      (await import('./commands/group-files.ts')).addToGroup(await contextOf(command), which, files, options),
    )
  withFilter(
    groups
      .command('remove')
      .description('take files out of a group')
      .argument('<group>', 'its name or id')
      .argument('[file...]', 'ids or CIDs'),
  )
    .addHelpText('after', '\nExamples:\n  ./pinyon groups remove Alps bafybei...\n  ./pinyon groups remove Alps --all')
    .action(async (which: string, files: string[], options: SelectOptions, command: Command) =>
      (await import('./commands/group-files.ts')).removeFromGroup(await contextOf(command), which, files, options),
    )
}

/** Options that say which files, without naming them. */
export function withFilter(command: Command): Command {
  return command
    .option('--name <text>', 'files whose names contain this')
    .option('--mime-type <type>', 'files of this type, such as image/jpeg or directory')
    .option('--keyvalue <key=value>', 'files with this key-value; again for more', collect, [])
    .option('--all', 'all of them')
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
