import type { Command } from 'commander'
import type { NameOptions } from './commands/names.ts'
import type { ContextOf } from './context.ts'

const lifetime = [
  '--lifetime <duration>',
  'how long a record holds before it has to be renewed: 12h, 2d (the default)',
] as const
const ttl = ['--ttl <duration>', 'how long readers may keep what they saw: 0, 90s, 5m (the default)'] as const

/** `names`: IPNS names, what they lead to, and their keys. */
export function addNameCommands(program: Command, contextOf: ContextOf): void {
  const names = program
    .command('names')
    .description('IPNS names: addresses that stay while what they lead to changes')
    .addHelpText('after', '\nExample:\n  ./pinyon names create site && ./pinyon names publish site bafybei...')
  addNames(names, contextOf)
  addPublishing(names, contextOf)
  addNameKeys(names, contextOf)
}

function addNames(names: Command, contextOf: ContextOf): void {
  const load = () => import('./commands/names.ts')
  names
    .command('create')
    .description('make a name with a key of its own')
    .argument('<label>', 'what it is called here')
    .option(...lifetime)
    .option(...ttl)
    .addHelpText('after', '\nExample:\n  ./pinyon names create site --ttl 90s')
    .action(async (label: string, options: NameOptions, command: Command) =>
      (await load()).createName(await contextOf(command), label, options),
    )
  names
    .command('list')
    .alias('ls')
    .description('list names and what they lead to; "!" marks those with a warning')
    .addHelpText('after', '\nExample:\n  ./pinyon names ls')
    .action(async (_options: unknown, command: Command) => (await load()).listNames(await contextOf(command)))
  names
    .command('show')
    .description('a name: what it leads to, until when, and what to know about it')
    .argument('<name>', 'its label, id or k51...')
    .addHelpText('after', '\nExample:\n  ./pinyon names show site')
    .action(async (which: string, _options: unknown, command: Command) =>
      (await load()).showName(await contextOf(command), which),
    )
  names
    .command('update')
    .description('change the label or the times of a name; times are those of the next record')
    .argument('<name>', 'its label, id or k51...')
    .option('--label <label>', 'call it so')
    .option(...lifetime)
    .option(...ttl)
    .addHelpText('after', '\nExample:\n  ./pinyon names update site --label home --lifetime 7d')
    .action(async (which: string, options: NameOptions, command: Command) =>
      (await load()).updateName(await contextOf(command), which, options),
    )
  names
    .command('delete')
    .alias('rm')
    .description('remove a name with its key, for good; export the key before when it is still wanted')
    .argument('<name>', 'its label, id or k51...')
    .addHelpText('after', '\nExample:\n  ./pinyon names rm site')
    .action(async (which: string, _options: unknown, command: Command) =>
      (await load()).removeName(await contextOf(command), which),
    )
}

function addPublishing(names: Command, contextOf: ContextOf): void {
  const load = () => import('./commands/names.ts')
  names
    .command('publish')
    .description('have a name lead to a CID, a path, a file or another name')
    .argument('<name>', 'its label, id or k51...')
    .argument('<target>', 'bafybei..., /ipfs/bafybei.../sub, the id of a public file, or /ipns/k51...')
    .option('--confirm', 'also when no public file of the account has this CID')
    .option('--sequence <n>', 'the number of the record, when it was published elsewhere meanwhile')
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon names publish site bafybei...\n  ./pinyon names publish site /ipfs/bafybei.../v2',
    )
    .action(
      async (which: string, target: string, options: { confirm?: boolean; sequence?: string }, command: Command) =>
        (await load()).publishName(await contextOf(command), which, target, options),
    )
  names
    .command('history')
    .description('what was published under a name, newest first')
    .argument('<name>', 'its label, id or k51...')
    .option('--limit <n>', 'how many', '20')
    .addHelpText('after', '\nExample:\n  ./pinyon names history site')
    .action(async (which: string, options: { limit: string }, command: Command) =>
      (await load()).listHistory(await contextOf(command), which, options),
    )
  names
    .command('rollback')
    .description('publish what an earlier record said again, under a new number')
    .argument('<name>', 'its label, id or k51...')
    .argument('<number>', 'as the history shows it')
    .option('--confirm', 'also when no public file of the account has that CID any more')
    .addHelpText('after', '\nExample:\n  ./pinyon names rollback site 3')
    .action(async (which: string, number: string, options: { confirm?: boolean }, command: Command) =>
      (await load()).rollBackName(await contextOf(command), which, number, options),
    )
  names
    .command('dnslink')
    .description('say which TXT record a domain needs to lead to a name, and whether it is there')
    .argument('<name>', 'its label, id or k51...')
    .argument('<domain>', 'such as www.example.org')
    .addHelpText('after', '\nExample:\n  ./pinyon names dnslink site www.example.org')
    .action(async (which: string, domain: string, _options: unknown, command: Command) =>
      (await load()).checkDnslink(await contextOf(command), which, domain),
    )
}

function addNameKeys(names: Command, contextOf: ContextOf): void {
  const load = () => import('./commands/name-keys.ts')
  names
    .command('import')
    .description('bring a name from Kubo or elsewhere by its Ed25519 key')
    .argument('<label>', 'what it is called here')
    .argument('[file]', 'what `ipfs key export` wrote, in either format; stdin when left out')
    .option('--sequence <n>', 'the number of the last record that was published elsewhere')
    .option(...lifetime)
    .option(...ttl)
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon names import site site.key\n  ipfs key export --format=pem-pkcs8-cleartext -o site.pem site; ./pinyon names import site site.pem',
    )
    .action(
      async (label: string, file: string | undefined, options: NameOptions & { sequence?: string }, command: Command) =>
        (await load()).importName(await contextOf(command), label, file, options),
    )
  names
    .command('export')
    .description('give the key of a name away, to publish elsewhere; wants the scope names.export or admin')
    .argument('<name>', 'its label, id or k51...')
    .option('--output <file>', 'write it to a new file that only you can read')
    .option('--protobuf', 'in the form of `ipfs key export`, and not as PEM')
    .addHelpText('after', '\nExample:\n  ./pinyon names export site --output site.pem')
    .action(async (which: string, options: { output?: string; protobuf?: boolean }, command: Command) =>
      (await load()).exportName(await contextOf(command), which, options),
    )
}
