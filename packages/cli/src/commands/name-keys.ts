import { open, readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { describe, findName, type NameOptions, readSequence, timesOf } from './names.ts'

/** Largest key file that is read; others are something else. */
const maxKeyBytes = 4_000

/** Brings a name by its key, from a file (PEM, or what `ipfs key export` wrote) or stdin. */
export async function importName(
  context: Context,
  label: string,
  file: string | undefined,
  options: NameOptions & { readonly sequence?: string },
): Promise<void> {
  const bytes = file === undefined || file === '-' ? await buffer(process.stdin) : await readFile(file)
  if (bytes.length > maxKeyBytes) throw new UsageError('This is no key: it is larger than 4,000 bytes.')
  const text = bytes.toString('utf8')
  // A protobuf is no text.
  const isText = Buffer.from(text).equals(bytes) && /^[\x20-\x7e\s]+$/.test(text)
  const body = {
    label,
    key: isText ? text : bytes.toString('base64'),
    ...(options.sequence === undefined ? {} : { sequence: readSequence(options.sequence, '--sequence') }),
    ...timesOf(options),
  }
  const client = await context.client()
  const made = await client.call(routes.namesImport, { body, signal: context.signal })
  context.out.result(made, () => describe(made))
}

/** Gives the key of a name: into a new file (0600) that nobody else can read, or as PEM on stdout. */
export async function exportName(
  context: Context,
  which: string,
  { output, protobuf }: { readonly output?: string; readonly protobuf?: boolean },
): Promise<void> {
  if (protobuf === true && output === undefined) throw new UsageError('--protobuf is binary: name a file by --output.')
  const { id } = await findName(context, which)
  const client = await context.client()
  const exported = await client.call(routes.namesExport, { params: { id }, body: {}, signal: context.signal })
  if (output === undefined) return context.out.result(exported, exported.pem.trimEnd())
  await writeSecret(output, protobuf === true ? Buffer.from(exported.protobuf, 'base64') : exported.pem)
  const { name, sequence } = exported
  const format = protobuf === true ? '' : ' --format=pem-pkcs8-cleartext'
  context.out.result({ name, sequence, written: output }, () =>
    [
      `Written to ${output}. Whoever has it publishes under ${name}.`,
      `In Kubo: ipfs key import LABEL ${output}${format}`,
      `Its next record needs a number above ${sequence}: publish there with --sequence ${sequence + 1}.`,
    ].join('\n'),
  )
}

/** Never over a file that is there: it may be another key. */
async function writeSecret(path: string, content: Uint8Array | string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // fs fails with errno errors
    throw new UsageError(`${path} is there already. Name a new file.`)
  }
}
