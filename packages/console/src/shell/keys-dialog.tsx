import { useSession } from '../api/session.ts'
import { setSingleKeys, useSingleKeys } from '../lib/single-keys.ts'
import { Dialog } from '../ui/dialog.tsx'
import { LabelledSwitch } from '../ui/labelled-switch.tsx'
import { destinationsOf } from './destinations.ts'

const everywhere = [
  { keys: ['Ctrl', 'K'], what: 'Go to, do, or find anything' },
  { keys: ['?'], what: 'This list' },
  { keys: ['/'], what: 'Search on this page' },
  { keys: ['U'], what: 'Upload files' },
  { keys: ['Ctrl', 'Z'], what: 'Undo what was just done' },
  { keys: ['Esc'], what: 'Close what is open' },
] as const

const inLists = [
  { keys: ['↑', '↓'], what: 'To the next row, in the same column' },
  { keys: ['Enter'], what: 'Open it' },
  { keys: ['Space'], what: 'Select it, on its box; with Shift all up to it' },
  { keys: ['M'], what: 'Move a file, or all that are selected, to a group' },
] as const

/** The keys of the console. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const isOn = useSingleKeys()
  const pages = destinationsOf(useSession()).flatMap(({ label, letter }) =>
    letter === undefined ? [] : [{ keys: ['G', letter.toUpperCase()], what: label }],
  )
  return (
    <Dialog isOpen onClose={onClose} title="Keys" isWide>
      <LabelledSwitch
        label="Keys without Ctrl"
        hint="Turn them off where you speak to the machine or type without looking."
        checked={isOn}
        onChange={setSingleKeys}
      />
      <div className="grid gap-6 sm:grid-cols-2">
        <div className="flex flex-col gap-6">
          <KeyList title="Everywhere" rows={everywhere} />
          <KeyList title="In lists of files and pins" rows={inLists} />
        </div>
        <KeyList title="To a page" rows={pages} />
      </div>
    </Dialog>
  )
}

interface KeyListProps {
  readonly title: string
  readonly rows: readonly { readonly keys: readonly string[]; readonly what: string }[]
}

function KeyList({ title, rows }: KeyListProps) {
  return (
    <section>
      <h3 className="mb-2 font-medium">{title}</h3>
      <dl className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1.5">
        {rows.map(({ keys, what }) => (
          <div key={what} className="contents">
            <dt>{what}</dt>
            <dd className="flex items-center gap-1">
              {keys.map((key) => (
                <kbd key={key} className="border-line bg-sunken rounded border px-1.5 font-mono text-xs">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
