import type { Command } from 'commander'
import type { EphemeralOptions } from './commands/ephemeral.ts'
import type { RunOptions } from './commands/run.ts'
import type { ContextOf } from './context.ts'

/** `tls`, `run`, `ephemeral`: programs that were written for Pinata, and what they need to reach this server. */
export function addProgramCommands(program: Command, contextOf: ContextOf): void {
  const tls = program
    .command('tls')
    .description('the authority whose certificates the listeners show (PINYON_TLS=local)')
    .addHelpText('after', '\nExample:\n  ./pinyon tls ca > ca.pem')
  tls
    .command('ca')
    .description('print the certificate of the authority, for programs and browsers that are to trust it')
    .option('--data-dir <dir>', 'the data directory of the server (PINYON_DATA_DIR; else ./data of this checkout)')
    .addHelpText(
      'after',
      `
Examples:
  ./pinyon tls ca > ca.pem && curl --cacert ca.pem https://localhost:8400/health/ready
  NODE_EXTRA_CA_CERTS=ca.pem node app.js`,
    )
    .action(async (options: { dataDir?: string }, command: Command) =>
      (await import('./commands/tls.ts')).printAuthority(await contextOf(command), options),
    )

  program
    .command('run')
    .description('run a program whose Pinata hosts are compiled in against this server; ends with its exit code')
    .argument('<command...>', 'the program and its arguments, after --')
    .option('--only', 'let the program reach nothing but Pinata’s hosts and this machine')
    .option('--gateway <url>', 'the gateway (PINYON_GATEWAY_URL; else what the server says)')
    .option(
      '--data-dir <dir>',
      'the data directory of the server, for its authority (PINYON_DATA_DIR; else ./data of this checkout)',
    )
    .addHelpText(
      'after',
      `
api.pinata.cloud, uploads.pinata.cloud, gateway.pinata.cloud and *.mypinata.cloud lead here, for this program alone.

Examples:
  ./pinyon run -- node scripts/mint.js
  ./pinyon run --only -- python3 drop.py
  ./pinyon run -- curl -H "Authorization: Bearer $JWT" https://api.pinata.cloud/data/testAuthentication`,
    )
    .action(async (words: string[], options: RunOptions, command: Command) =>
      (await import('./commands/run.ts')).run(await contextOf(command), words, options),
    )

  program
    .command('ephemeral')
    .description('run a program beside a fresh server that is gone when the program ends; ends with its exit code')
    .argument('[command...]', 'the program and its arguments, after --')
    .option('--tls', 'over HTTPS, with an authority that this program alone trusts')
    .option('--hold', 'no program: print the environment for one as JSON, and stay until stdin ends')
    .addHelpText(
      'after',
      `
The program finds PINATA_JWT, PINATA_API_KEY, PINATA_API_SECRET, PINYON_API and PINYON_GATEWAY_URL in its environment.

Examples:
  ./pinyon ephemeral -- npm test
  ./pinyon ephemeral --tls -- node app.js
  ./pinyon ephemeral -- ./pinyon run -- node compiled-in.js`,
    )
    .action(async (words: string[], options: EphemeralOptions, command: Command) =>
      (await import('./commands/ephemeral.ts')).ephemeral(await contextOf(command), words, options),
    )
}
