import { open, rename, rm } from 'node:fs/promises'
import { ApiError } from '@pinyon/contract/client.ts'
import { describeAsked } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { NameInExport } from '@pinyon/contract/schemas/names.ts'
import { historyOf, type Name, namesOf } from '../commands/names.ts'
import type { Context } from '../context.ts'
import { namesHead, namesPath } from './names-file.ts'

/**
 * Writes the names of the account beside the manifest of an export, each with what it leads to and what it led to, in a
 * file of nobody else (0600). Their private keys only `withKeys`: whoever has one publishes under its name. Returns how
 * many there are; undefined, which is told, where the key may not list them: then the file stays as it was.
 */
export async function exportNames(
  context: Context,
  dir: string,
  { withKeys }: { readonly withKeys: boolean },
): Promise<number | undefined> {
  const path = namesPath(dir)
  const draft = `${path}.part`
  const file = await open(draft, 'w', 0o600)
  let count = 0
  try {
    // One that is there from before may be open to others.
    await file.chmod(0o600)
    await file.write(`${JSON.stringify(namesHead)}\n`)
    for await (const name of namesOf(context)) {
      await file.write(`${JSON.stringify(await exported(context, name, withKeys))}\n`)
      count++
    }
    await file.sync()
  } catch (error) {
    await rm(draft, { force: true })
    if (withKeys || !(error instanceof ApiError && error.status === 403)) throw error
    context.out.note(
      `This key may not list IPNS names with their history (${describeAsked(routes.namesList)}; names.history): they are left out.`,
    )
    return undefined
  } finally {
    await file.close()
  }
  await rename(draft, path)
  return count
}

async function exported(context: Context, name: Name, withKeys: boolean): Promise<NameInExport> {
  const { id, label, value, sequence, publishedAt, lifetimeSeconds, ttlSeconds } = name
  const history: NameInExport['history'][number][] = []
  for await (const { sequence: number, value: led, rolledBackTo, ...times } of historyOf(context, id)) {
    const { publishedAt: at, validUntil, ttlSeconds: ttl } = times
    history.push({ sequence: number, value: led, rolledBackTo, publishedAt: at, validUntil, ttlSeconds: ttl })
  }
  const said = { label, name: name.name, value, sequence, publishedAt, lifetimeSeconds, ttlSeconds, history }
  if (!withKeys) return said
  const client = await context.client()
  const { pem } = await client.call(routes.namesExport, { params: { id }, body: {}, signal: context.signal })
  return { ...said, key: pem }
}
