import type { Command } from 'commander'
import type { ExportOptions } from './commands/export.ts'
import type { ImportCarOptions } from './commands/import-car.ts'
import type { ImportKuboOptions } from './commands/import-kubo.ts'
import type { ImportPinataOptions } from './commands/import-pinata.ts'
import type { ImportPsaOptions } from './commands/import-psa.ts'
import type { ContextOf } from './context.ts'

/** `export` and `import`: moving in and out. */
export function addMovingCommands(program: Command, contextOf: ContextOf): void {
  program
    .command('export')
    .description('write all files of the account into a folder: CARs and a manifest that import reads back')
    .argument('<dir>', 'the folder, made where it is absent')
    .option('--public', 'only public ones')
    .option('--private', 'only private ones')
    .option('--name <text>', 'only names that contain this')
    .option('--keyvalue <key=value>', 'only with this key-value; again for more', collect, [])
    .option('--with-name-keys', 'also the private keys of IPNS names: whoever has them publishes under them')
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon export ./backup\n  ./pinyon export ./alps --keyvalue shoot=alps\nRun again into the same folder, it goes on where it broke off. A folder holds one export.',
    )
    .action(async (dir: string, options: ExportOptions, command: Command) =>
      (await import('./commands/export.ts')).exportAll(await contextOf(command), dir, options),
    )
  const imports = program
    .command('import')
    .description('bring files from elsewhere, with names, key-values and dates; nothing is changed there')
    .addHelpText(
      'after',
      '\nExample:\n  ./pinyon import dir ./backup\nRun again, an import goes on where it broke off: what is here is not sent again.',
    )
  imports
    .command('dir')
    .description('read an export back, exactly as it was')
    .argument('<dir>', 'what ./pinyon export has written')
    .option('--dry-run', 'say what would be imported, send nothing')
    .addHelpText('after', '\nExample:\n  ./pinyon import dir ./backup --profile other')
    .action(async (dir: string, options: { dryRun?: boolean }, command: Command) =>
      (await import('./commands/import-dir.ts')).importDir(await contextOf(command), dir, options),
    )
  imports
    .command('car')
    .description('CARs, each the file that its root names; private unless --public')
    .argument('<file...>', 'CARs on this computer')
    .option('--public', 'anyone on the IPFS network can read it')
    .option('--name <name>', 'another name than that of the CAR')
    .option('--keyvalue <key=value>', 'a key-value; again for more', collect, [])
    .option('--dry-run', 'say what would be imported, send nothing')
    .addHelpText('after', '\nExample:\n  ./pinyon import car --public drop.car site.car')
    .action(async (paths: string[], options: ImportCarOptions, command: Command) =>
      (await import('./commands/import-car.ts')).importCar(await contextOf(command), paths, options),
    )
  addServiceImports(imports, contextOf)
}

function addServiceImports(imports: Command, contextOf: ContextOf): void {
  imports
    .command('kubo')
    .description('all recursive pins of a Kubo node, by its RPC; private unless --public')
    .argument('<url>', 'its RPC, such as http://127.0.0.1:5001')
    .option('--public', 'anyone on the IPFS network can read it')
    .option('--header <name: value>', 'sent to Kubo, such as an Authorization; again for more', collect, [])
    .option('--keyvalue <key=value>', 'a key-value for all; again for more', collect, [])
    .option('--dry-run', 'say what would be imported, send nothing')
    .addHelpText('after', '\nExample:\n  ./pinyon import kubo http://127.0.0.1:5001 --public')
    .action(async (url: string, options: ImportKuboOptions, command: Command) =>
      (await import('./commands/import-kubo.ts')).importKubo(await contextOf(command), url, options),
    )
  imports
    .command('psa')
    .description('the pins of a service that speaks the IPFS Pinning Services API')
    .argument('<url>', 'its endpoint')
    .argument('[token]', 'its access token; better in PSA_TOKEN, where other users of the machine do not see it')
    .option('--gateway <url>', 'a gateway that has the content; again for more', collect, [])
    .option('--origin <multiaddr>', 'a peer that has the content; again for more', collect, [])
    .option('--wait <time>', 'how long to wait for what is asked for by CID, such as 10m')
    .option('--dry-run', 'say what would be imported, send nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon import psa https://api.example.org/psa "$TOKEN" --gateway https://gateway.example.org\n  PSA_TOKEN=... ./pinyon import psa https://api.example.org/psa --dry-run',
    )
    .action(async (url: string, token: string | undefined, options: ImportPsaOptions, command: Command) =>
      (await import('./commands/import-psa.ts')).importPsa(await contextOf(command), url, token, options),
    )
  imports
    .command('pinata')
    .description('all files of an account at Pinata, public and private; nothing is changed there')
    .option('--jwt <jwt>', 'a JWT of Pinata that may read (PINATA_JWT)')
    .option('--gateway <url>', 'a gateway of the account (else its first one; the shared one for public files)')
    .option('--gateway-token <token>', 'the key of that gateway, where it wants one')
    .option('--origin <multiaddr>', 'a peer that has what no gateway gives; again for more', collect, [])
    .option('--wait <time>', 'how long to wait for what is asked for by CID, such as 10m')
    .option('--pinata-api <url>', "another address of Pinata's API", 'https://api.pinata.cloud')
    .option('--dry-run', 'say what would be imported, send nothing')
    .addHelpText(
      'after',
      `
Examples:
  ./pinyon import pinata --jwt "$JWT_OF_PINATA" --dry-run
  PINATA_JWT=... ./pinyon import pinata --gateway https://example.mypinata.cloud`,
    )
    .action(async (options: ImportPinataOptions, command: Command) =>
      (await import('./commands/import-pinata.ts')).importPinata(await contextOf(command), options),
    )
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
