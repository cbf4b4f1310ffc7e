import type { DescribedEndpoint, DescribedParent } from '@pinyon/contract/describe-permissions.ts'
import type { Scope } from '@pinyon/contract/permissions.ts'
import { Check, ChevronRight, Minus } from 'lucide-react'
import { useId, useState } from 'react'
import { permissionTree, searchTree } from '../api/permission-tree.ts'
import { classNames } from '../lib/class-names.ts'
import { Badge } from '../ui/badge.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { Checkbox, Switch } from '../ui/toggle.tsx'

interface PermissionTreeProps {
  readonly isOn: (scope: Scope) => boolean
  /** Turns operations on or off; without it the tree is only read. */
  readonly onChange?: (scopes: readonly Scope[], on: boolean) => void
  /** Whether the maker of the key holds it; what nobody holds, nobody can give. */
  readonly mayGive?: (scope: Scope) => boolean
}

/** Parent routes, each to be opened, and below them one line for each endpoint. */
export function PermissionTree({ isOn, onChange, mayGive = () => true }: PermissionTreeProps) {
  const [text, setText] = useState('')
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const isSearching = text.trim() !== ''
  const found = searchTree(text)
  const count = found.reduce((sum, { endpoints }) => sum + endpoints.length, 0)
  return (
    <div className="flex flex-col gap-2">
      <Field label="Find an endpoint" isLabelHidden>
        <TextInput
          type="search"
          value={text}
          placeholder="Find an endpoint: upload, pinList, DELETE"
          onChange={(event) => setText(event.target.value)}
          // Enter looks for something here; it does not make the key.
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
        />
      </Field>
      <p role="status" className={isSearching ? 'text-table text-muted' : 'sr-only'}>
        {isSearching ? `${count} of ${countOf(permissionTree)} endpoints` : ''}
      </p>
      {found.length > 0 && (
        <ul className="border-line divide-line bg-surface divide-y rounded-lg border">
          {found.map((parent) => (
            <Branch
              key={parent.parent}
              branch={parent}
              isOpen={isSearching || opened.has(parent.parent)}
              onToggle={() => setOpened(toggled(opened, parent.parent))}
              {...{ isOn, onChange, mayGive }}
            />
          ))}
        </ul>
      )}
    </div>
  )
}

function countOf(tree: readonly DescribedParent[]): number {
  return tree.reduce((sum, { endpoints }) => sum + endpoints.length, 0)
}

function toggled(set: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(set)
  if (!next.delete(name)) next.add(name)
  return next
}

interface BranchProps {
  readonly branch: DescribedParent
  readonly isOpen: boolean
  readonly onToggle: () => void
  readonly isOn: (scope: Scope) => boolean
  readonly onChange: PermissionTreeProps['onChange']
  readonly mayGive: (scope: Scope) => boolean
}

function Branch({ branch, isOpen, onToggle, isOn, onChange, mayGive }: BranchProps) {
  const listId = useId()
  const { title, endpoints } = branch
  const on = endpoints.filter(({ scope }) => isOn(scope)).length
  const givable = endpoints.map(({ scope }) => scope).filter(mayGive)
  return (
    <li>
      <div className="flex items-center gap-2 px-2 py-1.5">
        {onChange !== undefined && (
          <Checkbox
            checked={on === 0 ? false : on === endpoints.length ? true : 'some'}
            disabled={givable.length === 0}
            aria-label={`All of ${title}`}
            onChange={(checked) => onChange(givable, checked)}
          />
        )}
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={listId}
          onClick={onToggle}
          className="flex min-w-0 flex-1 items-center gap-2 rounded px-1 py-1 text-left font-medium"
        >
          <ChevronRight
            aria-hidden
            className={classNames('text-muted size-4 shrink-0 transition-transform', isOpen && 'rotate-90')}
          />
          {title}
          <span className="text-muted text-table tabular ml-auto font-normal whitespace-nowrap">
            {on} of {endpoints.length}
          </span>
        </button>
      </div>
      <ul id={listId} hidden={!isOpen} aria-label={title} className="pb-2">
        {endpoints.map((endpoint) => (
          <Endpoint
            key={endpoint.scope}
            endpoint={endpoint}
            isOn={isOn(endpoint.scope)}
            onChange={onChange}
            isGivable={mayGive(endpoint.scope)}
          />
        ))}
      </ul>
    </li>
  )
}

interface EndpointProps {
  readonly endpoint: DescribedEndpoint
  readonly isOn: boolean
  readonly onChange: PermissionTreeProps['onChange']
  readonly isGivable: boolean
}

function Endpoint({ endpoint: { scope, words, routes }, isOn, onChange, isGivable }: EndpointProps) {
  const id = useId()
  const name = scope.split('.')[1] ?? scope
  return (
    <li className="flex items-start gap-3 py-1.5 pr-3 pl-9">
      {onChange === undefined ? (
        <Mark isOn={isOn} />
      ) : (
        <Switch
          id={id}
          checked={isOn}
          disabled={!isGivable}
          aria-describedby={`${id}-about`}
          onChange={(checked) => onChange([scope], checked)}
        />
      )}
      <div className="min-w-0">
        <label htmlFor={onChange === undefined ? undefined : id} className="font-medium break-words">
          {name}
        </label>
        <div id={`${id}-about`} className="text-table text-muted">
          <p>{`${words.charAt(0).toUpperCase()}${words.slice(1)}.`}</p>
          {routes.map(({ method, path }) => (
            <code key={`${method} ${path}`} className="block font-mono text-xs break-all">
              {method} {path}
            </code>
          ))}
          {routes.length === 0 && <Badge>Not in this version yet</Badge>}
          {!isGivable && <p>You do not hold this yourself, so you cannot give it.</p>}
        </div>
      </div>
    </li>
  )
}

function Mark({ isOn }: { readonly isOn: boolean }) {
  const Icon = isOn ? Check : Minus
  return (
    <span className={classNames('flex w-9 shrink-0 justify-center pt-0.5', isOn ? 'text-ok' : 'text-muted')}>
      <Icon aria-hidden className="size-4" />
      <span className="sr-only">{isOn ? 'Allowed:' : 'Not allowed:'}</span>
    </span>
  )
}
