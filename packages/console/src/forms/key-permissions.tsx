import { normalisePermissions, type Preset, presets, type Scope } from '@pinyon/contract/permissions.ts'
import { useId } from 'react'
import { opens } from '../api/permission-tree.ts'
import { useWhoami } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { LabelledSwitch } from '../ui/labelled-switch.tsx'
import { type KeyDraft, presetNames } from './key-draft.ts'
import { PermissionTree } from './permission-tree.tsx'

interface KeyPermissionsProps {
  readonly draft: KeyDraft
  readonly change: (part: Partial<KeyDraft>) => void
  readonly onPreset: (preset: Preset) => void
  readonly error: string | undefined
}

/** What a new key may do: everything, a ready set, or endpoints one by one. */
export function KeyPermissions({ draft, change, onPreset, error }: KeyPermissionsProps) {
  const id = useId()
  const mine = normalisePermissions(useWhoami().scopes)
  const { isAdmin, isOperator, chosen } = draft
  return (
    <fieldset className="flex min-w-0 flex-col gap-4" aria-describedby={error === undefined ? undefined : id}>
      <legend className="mb-2 text-lg font-semibold">Permissions</legend>
      {error !== undefined && (
        <p id={id} role="alert" tabIndex={-1} data-problem className="text-table text-danger">
          {error}
        </p>
      )}
      <div role="group" aria-label="Ready sets" className="flex flex-wrap gap-2">
        {presetNames.map((name) => (
          <Button
            key={name}
            size="small"
            aria-pressed={!isAdmin && !isOperator && isExactly(chosen, presets[name].scopes)}
            className="aria-pressed:bg-accent-soft aria-pressed:border-accent aria-pressed:text-accent"
            disabledBecause={
              presets[name].scopes.some((scope) => !opens(mine, scope)) && 'You do not hold all of these yourself.'
            }
            onClick={() => {
              change({ isAdmin: false, isOperator: false, chosen: new Set(presets[name].scopes) })
              onPreset(name)
            }}
          >
            {presets[name].title}
          </Button>
        ))}
      </div>
      <LabelledSwitch
        label="Admin"
        hint="All endpoints of this account, those of later versions too."
        checked={isAdmin}
        onChange={(on) => change({ isAdmin: on })}
        disabledBecause={!mine.admin && 'Only owners of the account can give it.'}
      />
      <LabelledSwitch
        label="Operator"
        hint="Power over this installation: accounts, quotas, signing keys. Admin does not include it."
        checked={isOperator}
        onChange={(on) => change({ isOperator: on })}
        disabledBecause={!mine.operator && 'Only operators of this installation can give it.'}
      />
      {isAdmin ? (
        <p className="text-muted">Admin opens every endpoint. Turn it off to choose single ones.</p>
      ) : (
        <PermissionTree
          isOn={(scope) => chosen.has(scope)}
          mayGive={(scope) => opens(mine, scope)}
          onChange={(scopes, on) => change({ chosen: withScopes(chosen, scopes, on) })}
        />
      )}
    </fieldset>
  )
}

function isExactly(chosen: ReadonlySet<Scope>, scopes: readonly Scope[]): boolean {
  return chosen.size === scopes.length && scopes.every((scope) => chosen.has(scope))
}

function withScopes(chosen: ReadonlySet<Scope>, scopes: readonly Scope[], on: boolean): ReadonlySet<Scope> {
  const next = new Set(chosen)
  for (const scope of scopes) {
    if (on) next.add(scope)
    else next.delete(scope)
  }
  return next
}
