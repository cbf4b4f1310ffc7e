import type { Command } from 'commander'
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
}
