import { normalisePermissions, presets } from '@pinyon/contract/permissions.ts'

/** What a key may do, in a few words. */
export function describeScopes(permissions: unknown): string {
  const { admin, operator, resources, scopes } = normalisePermissions(
    permissions as Parameters<typeof normalisePermissions>[0],
  ) // answered by the server in this shape
  const preset = Object.entries(presets).find(
    ([, preset]) => preset.scopes.length === scopes.length && preset.scopes.every((scope) => scopes.includes(scope)),
  )?.[0]
  const words = [
    ...(admin ? ['admin'] : []),
    ...(operator ? ['operator'] : []),
    ...resources,
    ...(preset !== undefined && resources.length === 0 ? [preset] : scopes),
  ]
  return words.length === 0 ? 'nothing' : words.join(', ')
}
