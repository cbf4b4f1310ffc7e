import { type Command, Option } from 'commander'
import type { NetworkOption } from './commands/about-cid.ts'
import type { LinkCreateOptions } from './commands/link.ts'
import type { ContextOf } from './context.ts'

/** `link`, `swap`, `signature`: who may read or bring a file without a key, and what is said about CIDs. */
export function addLinkCommands(program: Command, contextOf: ContextOf): void {
  addLinks(program, contextOf)
  addSwaps(program, contextOf)
  addSignatures(program, contextOf)
}

function addLinks(program: Command, contextOf: ContextOf): void {
  const link = program
    .command('link')
    .description('links that show a private file, or take one upload, without a key')
    .addHelpText('after', '\nExample:\n  ./pinyon link create bafybei... --expires 1d --uses 3')
  link
    .command('create')
    .description('sign a link; it is shown once')
    .argument('[file]', 'id or CID of the private file that it shows')
    .option('--upload', 'a link that takes one upload instead')
    .option('--expires <time>', '90s, 15m, 12h, 30d, 2w, 1y', '1h')
    .option('--uses <n>', 'how many downloads, each range being one; no limit when left out')
    .option('--path <path>', 'only this path inside a folder')
    .option('--public', 'upload: anyone on the IPFS network can read the file')
    .option('--name <name>', 'upload: what the file is called')
    .option('--max-size <bytes>', 'upload: such as 10MB')
    .option('--type <type>', 'upload: image/png or image/*; again for more', collect, [])
    .option('--folder', 'upload: a folder')
    .option('--group <id>', 'upload: the group of the file')
    .option('--keyvalue <key=value>', 'upload: a key-value; again for more', collect, [])
    .addHelpText(
      'after',
      `
Examples:
  ./pinyon link create bafybei... --expires 7d --uses 1
  ./pinyon link create --upload --max-size 10MB --type "image/*" --expires 15m
  curl -F file=@photo.jpg "$(./pinyon link create --upload)"`,
    )
    .action(async (which: string | undefined, options: LinkCreateOptions, command: Command) =>
      (await import('./commands/link.ts')).createLink(await contextOf(command), which, options),
    )
  link
    .command('ls')
    .description('list links that can be used, newest first')
    .option('--all', 'those that ended too')
    .addOption(new Option('--kind <kind>', 'only those').choices(['upload', 'download']))
    .addHelpText('after', '\nExample:\n  ./pinyon link ls --kind download')
    .action(async (options: { all?: boolean; kind?: string }, command: Command) =>
      (await import('./commands/link.ts')).listLinks(await contextOf(command), options),
    )
  link
    .command('revoke')
    .description('end links: the next request with one is refused')
    .argument('<link...>', 'ids as listed, or the links themselves')
    .addHelpText('after', '\nExample:\n  ./pinyon link revoke 019c1f0e-5a2b-7c3d-8e4f-0123456789ab')
    .action(async (which: string[], _options: unknown, command: Command) =>
      (await import('./commands/link.ts')).revokeLinks(await contextOf(command), which),
    )
}

function addSwaps(program: Command, contextOf: ContextOf): void {
  const swap = program
    .command('swap')
    .description('have gateways show another CID in place of one')
    .addHelpText('after', '\nExample:\n  ./pinyon swap set bafkrei...old bafkrei...new')
  swap
    .command('set')
    .description('swap a CID that the account holds')
    .argument('<cid>', 'the CID that is asked for')
    .argument('<target>', 'the CID to show')
    .option('--private', 'of a private file')
    .addHelpText('after', '\nExample:\n  ./pinyon swap set bafkrei...old bafkrei...new')
    .action(async (cid: string, target: string, options: NetworkOption, command: Command) =>
      (await import('./commands/about-cid.ts')).setSwap(await contextOf(command), cid, target, options),
    )
  swap
    .command('history')
    .description('what a CID was swapped for, newest first')
    .argument('<cid>', 'the CID that is asked for')
    .option('--private', 'of a private file')
    .addHelpText('after', '\nExample:\n  ./pinyon swap history bafkrei...')
    .action(async (cid: string, options: NetworkOption, command: Command) =>
      (await import('./commands/about-cid.ts')).showSwaps(await contextOf(command), cid, options),
    )
  swap
    .command('rm')
    .description('end a swap')
    .argument('<cid>', 'the CID that is asked for')
    .option('--private', 'of a private file')
    .addHelpText('after', '\nExample:\n  ./pinyon swap rm bafkrei...')
    .action(async (cid: string, options: NetworkOption, command: Command) =>
      (await import('./commands/about-cid.ts')).endSwap(await contextOf(command), cid, options),
    )
}

function addSignatures(program: Command, contextOf: ContextOf): void {
  const signature = program
    .command('signature')
    .description('EIP-712 signatures of CIDs')
    .addHelpText('after', '\nExample:\n  ./pinyon signature show bafkrei...')
  signature
    .command('add')
    .description('keep the signature of a CID that the account uploaded first')
    .argument('<cid>', 'the CID that was signed')
    .requiredOption('--address <address>', 'the address that signed')
    .requiredOption('--signature <signature>', '0x and 130 hex digits')
    .option('--private', 'of a private file')
    .addHelpText('after', '\nExample:\n  ./pinyon signature add bafkrei... --address 0x... --signature 0x...')
    .action(async (cid: string, options: NetworkOption & { address: string; signature: string }, command: Command) =>
      (await import('./commands/about-cid.ts')).addSignature(await contextOf(command), cid, options),
    )
  signature
    .command('show')
    .description('who signed a CID')
    .argument('<cid>', 'the CID that was signed')
    .option('--private', 'of a private file')
    .addHelpText('after', '\nExample:\n  ./pinyon signature show bafkrei...')
    .action(async (cid: string, options: NetworkOption, command: Command) =>
      (await import('./commands/about-cid.ts')).showSignature(await contextOf(command), cid, options),
    )
  signature
    .command('rm')
    .description('remove the signature of a CID')
    .argument('<cid>', 'the CID that was signed')
    .option('--private', 'of a private file')
    .addHelpText('after', '\nExample:\n  ./pinyon signature rm bafkrei...')
    .action(async (cid: string, options: NetworkOption, command: Command) =>
      (await import('./commands/about-cid.ts')).removeSignature(await contextOf(command), cid, options),
    )
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
