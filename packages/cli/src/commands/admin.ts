import { Command } from 'commander'
import type { ContextOf } from '../context.ts'
import type { AddOptions } from './admin-actions.ts'
import type { ExportOptions } from './admin-audit.ts'
import type { DenyOptions } from './admin-denials.ts'
import type { PlaceOptions } from './admin-place.ts'

/** What is done on the machine that holds the data directory, for whoever can write there: no key is asked for. */
export function adminCommand(contextOf: ContextOf): Command {
  const admin = new Command('admin')
    .description('on the machine of the server: accounts, quotas, passwords, the health of what is stored')
    .option('--data-dir <dir>', 'the data directory (PINYON_DATA_DIR; else ./data of this checkout)')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      `
All but restore, repair and rebuild-index work beside a running server.

Examples:
  ./pinyon admin accounts
  ./pinyon admin accounts add "Photo club" ann@example.org --quota 50GiB
  ./pinyon admin quota "Photo club" 100GiB
  ./pinyon admin reset-password ann@example.org
  ./pinyon admin deny bafkrei... --reason 'court order 12/26'
  ./pinyon admin audit verify
  ./pinyon admin verify --all
  ./pinyon admin backup /mnt/backup/pinyon`,
    )

  const accounts = admin
    .command('accounts')
    .description('list accounts, or add one')
    .addHelpText('after', '\nExample:\n  ./pinyon admin accounts')
    .action(async (_options: unknown, command: Command) =>
      (await import('./admin-actions.ts')).listAccounts(await contextOf(command), placeOf(command)),
    )
  accounts
    .command('add')
    .description(
      'make an account, and a link with which its owner chooses a password; after set-up, which makes the first',
    )
    .argument('<name>', 'what it is called')
    .argument('<email>', 'its owner')
    .option('--quota <bytes>', 'how much it may hold, such as 50GiB, or none; PINYON_DEFAULT_QUOTA when left out')
    .addHelpText('after', '\nExample:\n  ./pinyon admin accounts add "Photo club" ann@example.org --quota 50GiB')
    .action(async (name: string, email: string, options: AddOptions, command: Command) =>
      (await import('./admin-actions.ts')).addAccount(await contextOf(command), placeOf(command), {
        name,
        email,
        ...options,
      }),
    )

  admin
    .command('quota')
    .description('set how much an account may hold')
    .argument('<account>', 'its name, its e-mail or its id')
    .argument('<bytes>', '10GiB, 500MB, 1048576, or none for no limit')
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon admin quota "Photo club" 100GiB\n  ./pinyon admin quota "Photo club" none',
    )
    .action(async (account: string, bytes: string, _options: unknown, command: Command) =>
      (await import('./admin-actions.ts')).setQuota(await contextOf(command), placeOf(command), account, bytes),
    )

  admin
    .command('egress')
    .description('set how much the gateway serves for an account in a calendar month')
    .argument('<account>', 'its name, its e-mail or its id')
    .argument('<bytes>', '500GiB, 2TB, or none for no limit')
    .addHelpText('after', '\nExample:\n  ./pinyon admin egress "Photo club" 500GiB')
    .action(async (account: string, bytes: string, _options: unknown, command: Command) =>
      (await import('./admin-actions.ts')).setEgressQuota(await contextOf(command), placeOf(command), account, bytes),
    )

  admin
    .command('reset-password')
    .description('print a link with which a user chooses a new password, once, within an hour')
    .argument('<email>', 'the address that the person signs in with')
    .addHelpText('after', '\nExample:\n  ./pinyon admin reset-password ann@example.org')
    .action(async (email: string, _options: unknown, command: Command) =>
      (await import('./admin-actions.ts')).resetPassword(await contextOf(command), placeOf(command), email),
    )

  admin
    .command('reset-totp')
    .description('have somebody who lost their authenticator app and recovery codes sign in with the password alone')
    .argument('<email>', 'the address that the person signs in with')
    .addHelpText('after', '\nExample:\n  ./pinyon admin reset-totp ann@example.org')
    .action(async (email: string, _options: unknown, command: Command) =>
      (await import('./admin-actions.ts')).resetTotp(await contextOf(command), placeOf(command), email),
    )

  addDenialCommands(admin, contextOf)
  addAuditCommands(admin, contextOf)

  admin
    .command('verify')
    .description('read what is stored and compare it with its hashes; exit code 1 when something is damaged')
    .option('--all', 'every block, and every counter; without it only whether packs and index belong together')
    .addHelpText('after', '\nExample:\n  ./pinyon admin verify --all --json > report.json')
    .action(async (options: { all?: boolean }, command: Command) =>
      (await import('./admin-verify.ts')).verify(await contextOf(command), { ...placeOf(command), ...options }),
    )

  admin
    .command('backup')
    .description('copy the installation into a folder while it serves; again into the same folder: what is new')
    .argument('<dir>', 'the folder that the copy goes into')
    .option('--passphrase-file <path>', 'seals the keys of the installation with what it holds; else they are left out')
    .addHelpText(
      'after',
      '\nExample:\n  ./pinyon admin backup /mnt/backup/pinyon --passphrase-file /etc/pinyon/passphrase',
    )
    .action(async (dir: string, options: { passphraseFile?: string }, command: Command) =>
      (await import('./admin-backup.ts')).backup(await contextOf(command), dir, { ...placeOf(command), ...options }),
    )

  admin
    .command('restore')
    .description('make the installation of a backup in an empty data directory (and PostgreSQL database)')
    .argument('<dir>', 'the backup')
    .option('--passphrase-file <path>', 'opens the keys of the installation')
    .option('--without-keys', 'leave them out: no JWT made before is good then')
    .addHelpText('after', '\nExample:\n  ./pinyon admin restore /mnt/backup/pinyon --data-dir /srv/pinyon')
    .action(async (dir: string, options: { passphraseFile?: string; withoutKeys?: boolean }, command: Command) =>
      (await import('./admin-backup.ts')).restore(await contextOf(command), dir, { ...placeOf(command), ...options }),
    )

  admin
    .command('repair')
    .description('mend damaged blocks from a backup, private ones too; the server must not run')
    .requiredOption('--from <dir>', 'a backup of this installation')
    .addHelpText('after', '\nExample:\n  ./pinyon admin repair --from /mnt/backup/pinyon')
    .action(async (options: { from: string }, command: Command) =>
      (await import('./admin-verify.ts')).repair(await contextOf(command), { ...placeOf(command), ...options }),
    )

  admin
    .command('rebuild-index')
    .description('fill the index of blocks again from the packs; the server must not run')
    .addHelpText('after', '\nExample:\n  ./pinyon admin rebuild-index')
    .action(async (_options: unknown, command: Command) =>
      (await import('./admin-verify.ts')).rebuildIndex(await contextOf(command), placeOf(command)),
    )
  return admin
}

function addAuditCommands(admin: Command, contextOf: ContextOf): void {
  const audit = admin
    .command('audit')
    .description('the audit log of the installation: verify it, or export it')
    .addHelpText('after', '\nExample:\n  ./pinyon admin audit verify')
  audit
    .command('verify')
    .description('look whether a line was changed, taken out or cut off; exit code 1 when one was')
    .addHelpText('after', '\nExample:\n  ./pinyon admin audit verify')
    .action(async (_options: unknown, command: Command) =>
      (await import('./admin-audit.ts')).verifyAudit(await contextOf(command), placeOf(command)),
    )
  audit
    .command('export')
    .description('print all lines as NDJSON, oldest first')
    .option('--since <time>', 'only what was done from then on')
    .option('--after <number>', 'go on behind this sealed.number')
    .option('--to <file>', 'add to a file what it does not hold yet')
    .addHelpText('after', '\nExample:\n  ./pinyon admin audit export --to /var/log/pinyon-audit.ndjson')
    .action(async (options: ExportOptions, command: Command) =>
      (await import('./admin-audit.ts')).exportAudit(await contextOf(command), placeOf(command), options),
    )
}

function addDenialCommands(admin: Command, contextOf: ContextOf): void {
  admin
    .command('deny')
    .description('take content down in all accounts: it is served by nobody and taken from nobody')
    .argument('<cid>', 'in any spelling')
    .requiredOption('--reason <text>', 'shown to whoever asks for it and to those who hold it')
    .option('--yes', 'also when several accounts hold it, or when it is empty content')
    .addHelpText('after', "\nExample:\n  ./pinyon admin deny bafkrei... --reason 'court order 12/26'")
    .action(async (cid: string, options: DenyOptions, command: Command) =>
      (await import('./admin-denials.ts')).deny(await contextOf(command), placeOf(command), cid, options),
    )
  admin
    .command('allow')
    .description('end a denial')
    .argument('<cid>', 'in any spelling')
    .addHelpText('after', '\nExample:\n  ./pinyon admin allow bafkrei...')
    .action(async (cid: string, _options: unknown, command: Command) =>
      (await import('./admin-denials.ts')).allow(await contextOf(command), placeOf(command), cid),
    )
  admin
    .command('denials')
    .description('list what is taken down')
    .addHelpText('after', '\nExample:\n  ./pinyon admin denials --json')
    .action(async (_options: unknown, command: Command) =>
      (await import('./admin-denials.ts')).listDenials(await contextOf(command), placeOf(command)),
    )
}

function placeOf(command: Command): PlaceOptions {
  return command.optsWithGlobals<PlaceOptions>()
}
