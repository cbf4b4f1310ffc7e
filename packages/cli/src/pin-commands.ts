import type { Command } from 'commander'
import type { PinOptions } from './commands/pin.ts'
import type { PinSelectOptions, PinsListOptions } from './commands/pins.ts'
import type { ContextOf } from './context.ts'

/** `pin`, `pins`, `peers`, `doctor`: content of the IPFS network by its CID, and the node that fetches it. */
export function addPinCommands(program: Command, contextOf: ContextOf): void {
  program
    .command('pin')
    .description('pin content of the IPFS network by its CID; it is public')
    .argument('<cid...>', 'the CIDs to pin; ipfs:// addresses and URLs of gateways have one')
    .option('--name <name>', 'what it is called here')
    .option('--origin <address>', 'a peer (multiaddr) or gateway (URL) that has it; again for more', collect, [])
    .option('--keyvalue <key=value>', 'a key-value; again for more', collect, [])
    .option('--wait [time]', 'until everything is here or failed; a time such as 10m at most')
    .addHelpText(
      'after',
      `
Examples:
  ./pinyon pin --name war-and-peace.txt bafybei... --wait
  ./pinyon pin bafybei... --origin /ip4/203.0.113.7/tcp/4001/p2p/12D3KooW...`,
    )
    .action(async (cids: string[], options: PinOptions, command: Command) =>
      (await import('./commands/pin.ts')).pin(await contextOf(command), cids, options),
    )
  program
    .command('doctor')
    .description('look whether server, key, gateway and IPFS node are well, and whether others can reach the node')
    .addHelpText('after', '\nExample:\n  ./pinyon doctor --json | jq -r ".findings[].words"')
    .action(async (_options: unknown, command: Command) =>
      (await import('./commands/doctor.ts')).doctor(await contextOf(command)),
    )
  program
    .command('peers')
    .description('the peers that the IPFS node is connected to (operator)')
    .addHelpText('after', '\nExample:\n  ./pinyon peers')
    .action(async (_options: unknown, command: Command) =>
      (await import('./commands/peers.ts')).peers(await contextOf(command)),
    )
  addPinsCommands(program, contextOf)
}

function addPinsCommands(program: Command, contextOf: ContextOf): void {
  const pins = program
    .command('pins')
    .description('what was pinned by CID: list, status, remove, retry')
    .addHelpText('after', '\nExample:\n  ./pinyon pins ls --status failed')
  pins
    .command('ls')
    .description('list pins, newest first, in every status')
    .option('--status <statuses>', 'only these: queued, pinning, pinned, failed, with commas between them')
    .option('--cid <cid>', 'only this CID')
    .option('--name <text>', 'only names that contain this')
    .option('--limit <n>', 'how many', '20')
    .option('--all', 'all of them')
    .addHelpText('after', '\nExample:\n  ./pinyon pins ls --status queued,pinning')
    .action(async (options: PinsListOptions, command: Command) =>
      (await import('./commands/pins.ts')).listPins(await contextOf(command), options),
    )
  pins
    .command('status')
    .description('all that is known of a pin: how far it is, why it failed')
    .argument('<id>', 'the id of the pin')
    .addHelpText('after', '\nExample:\n  ./pinyon pins status 019c1f0e-5a2b-7c3d-8e4f-0123456789ab')
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./commands/pins.ts')).showPin(await contextOf(command), id),
    )
  withPinFilter(
    pins
      .command('rm')
      .description('remove pins, by id or by filter; what is being fetched is cancelled')
      .argument('[id...]', 'ids of pins'),
  )
    .option('--yes', 'remove what the filter finds, also what is pinned or under way')
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon pins rm 019c1f0e-5a2b-7c3d-8e4f-0123456789ab\n  ./pinyon pins rm --status failed',
    )
    .action(async (ids: string[], options: PinSelectOptions, command: Command) =>
      (await import('./commands/pins.ts')).removePins(await contextOf(command), ids, options),
    )
  withPinFilter(
    pins
      .command('retry')
      .description('try failed pins again, and those that wait for their next attempt, by id or by filter')
      .argument('[id...]', 'ids of pins'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon pins retry 019c1f0e-5a2b-7c3d-8e4f-0123456789ab\n  ./pinyon pins retry --status failed',
    )
    .action(async (ids: string[], options: PinSelectOptions, command: Command) =>
      (await import('./commands/pins.ts')).retryPins(await contextOf(command), ids, options),
    )
}

/** Options that say which pins, without naming them. */
function withPinFilter(command: Command): Command {
  return command
    .option('--status <statuses>', 'those in these: queued, pinning, pinned, failed, with commas between them')
    .option('--cid <cid>', 'those of this CID')
    .option('--name <text>', 'those whose names contain this')
    .option('--all', 'all of them')
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
