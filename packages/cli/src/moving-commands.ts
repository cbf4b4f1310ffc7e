import type { Command } from 'commander'
import type { ExportOptions } from './commands/export.ts'
import type { ImportCarOptions } from './commands/import-car.ts'
import type { ContextOf } from './context.ts'

/** `export` and `import`: moving in and out. */
export function addMovingCommands(program: Command, contextOf: ContextOf): void {
  program
    .command('export')
    .description('write all files of the account into a folder: CARs and a manifest that import reads back')
    .argument('<dir>')
    .option('--public', 'only public ones')
    .option('--private', 'only private ones')
    .option('--name <text>', 'only names that contain this')
    .option('--keyvalue <key=value>', 'only with this key-value; again for more', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  ./pinyon export ./backup\n  ./pinyon export ./alps --keyvalue shoot=alps\nRun again, it goes on where it broke off.',
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
    .argument('<file...>')
    .option('--public', 'anyone on the IPFS network can read it')
    .option('--name <name>', 'another name than that of the CAR')
    .option('--keyvalue <key=value>', 'a key-value; again for more', collect, [])
    .option('--dry-run', 'say what would be imported, send nothing')
    .addHelpText('after', '\nExample:\n  ./pinyon import car --public drop.car site.car')
    .action(async (paths: string[], options: ImportCarOptions, command: Command) =>
      (await import('./commands/import-car.ts')).importCar(await contextOf(command), paths, options),
    )
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
