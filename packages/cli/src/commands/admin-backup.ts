import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import * as backups from '@pinyon/server/backup.ts'
import * as restores from '@pinyon/server/restore.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes, UsageError } from '../exit.ts'
import { bytesText, fields, timeText } from '../output.ts'
import { atPlace, type PlaceOptions } from './admin-place.ts'
import { watched } from './admin-watched.ts'

interface KeyOptions extends PlaceOptions {
  readonly passphraseFile?: string
}

/** Copies the installation into a folder while it serves. Throws CommandError (exit code 1) when packs of it are damaged. */
export async function backup(context: Context, dir: string, { passphraseFile, ...place }: KeyOptions): Promise<void> {
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile)
  const report = await watched(context, 'Copying packs', true, (watch) =>
    atPlace(context, place, (at) => backups.backup(at, resolve(dir), { passphrase, ...watch })),
  )
  if (report.damagedPacks.length > 0) throw damaged(report.damagedPacks, { report })
  context.out.result(report, () =>
    fields([
      ['Backup', resolve(dir)],
      ['Of', `${timeText(report.startedAt)}: everything that was acknowledged by then`],
      ['Packs', `${report.packs}, ${bytesText(report.bytes)} (${bytesText(report.copiedBytes)} of them copied now)`],
      [
        'Keys',
        report.keys === 'sealed'
          ? 'sealed with the passphrase; without it no JWT made so far is good after a restore'
          : 'left out: after a restore no JWT made so far is good, keys and secrets are. --passphrase-file FILE seals them',
      ],
    ]),
  )
}

/** Makes the installation of a backup in an empty data directory. Throws CommandError. */
export async function restore(
  context: Context,
  dir: string,
  { passphraseFile, withoutKeys, ...place }: KeyOptions & { readonly withoutKeys?: boolean },
): Promise<void> {
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile)
  const report = await watched(context, 'Copying packs', true, (watch) =>
    atPlace(context, place, (at) => restores.restore(at, resolve(dir), { passphrase, withoutKeys, ...watch })),
  )
  context.out.result(report, () =>
    fields([
      ['Restored', report.installationId],
      [
        'Of',
        `${timeText(report.startedAt)}: keys that were revoked and files that were deleted since are back. End them again.`,
      ],
      ['Packs', `${report.packs}, ${bytesText(report.bytes)}`],
      [
        'Keys',
        report.keys === 'restored' ? 'restored' : 'left out: JWTs made before are not good, keys and secrets are',
      ],
      ...(report.damagedPacks.length === 0 ? [] : [['Damaged', report.damagedPacks.join(', ')] as const]),
      ['Next', 'npm start, then ./pinyon admin verify --all'],
    ]),
  )
}

async function readPassphrase(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  const passphrase = text.replace(/\r?\n$/, '')
  if (passphrase.length < 12)
    throw new UsageError(
      `The passphrase in ${path} is too short: at least 12 characters, for one from openssl rand -hex 16.`,
    )
  return passphrase
}

function damaged(packs: readonly string[], facts: Readonly<Record<string, unknown>>): CommandError {
  return new CommandError(
    `The backup is made, but packs are missing or too short where they were copied from: ${packs.join(', ')}. ./pinyon admin verify tells whose they are.`,
    { reason: 'DAMAGED', exitCode: exitCodes.failed, facts },
  )
}
