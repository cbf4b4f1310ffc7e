import type { Denial, Holdings } from '@pinyon/contract/schemas/denials.ts'
import { DenyContent } from '@pinyon/contract/schemas/denials.ts'
import type { z } from 'zod'
import { presentDenial } from './api/denials.ts'
import { allowContent, denyContent, lookAtContent, pageDenials } from './pins/deny-content.ts'
import { AppError } from './lib/errors.ts'
import { withDatabase, type AdminPlace } from './open-admin.ts'

type DenialView = z.infer<typeof Denial>

/** What is taken down now, changed last first. Like all here it may run beside the server, which follows within a second. */
export async function listDenials(place: AdminPlace): Promise<DenialView[]> {
  return withDatabase(place, 'read', async (services) => {
    const denials: DenialView[] = []
    for (let pageToken: string | undefined; ;) {
      const page = await pageDenials(services, { limit: 1_000, pageToken })
      denials.push(...page.denials.map(presentDenial))
      if (page.nextPageToken === null) return denials
      pageToken = page.nextPageToken
    }
  })
}

/** Takes content down in all accounts. Throws as `denyContent`. */
export async function deny(
  place: AdminPlace,
  input: z.input<typeof DenyContent>,
): Promise<{ denial: DenialView; holdings: z.infer<typeof Holdings> }> {
  const checked = DenyContent.safeParse(input)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw new AppError('invalid_request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not good'}`)
  }
  return withDatabase(place, 'write', async (services) => {
    const denial = await denyContent(services, 'machine', checked.data)
    const { holdings } = await lookAtContent(services, 'machine', checked.data.cid)
    return { denial: presentDenial(denial), holdings }
  })
}

/** Allows content again. Throws `not_found`. */
export async function allow(place: AdminPlace, cid: string): Promise<void> {
  await withDatabase(place, 'write', (services) => allowContent(services, 'machine', cid))
}
