import { useId, useState } from 'react'
import { classNames } from '../lib/class-names.ts'
import { type Command, useCommands } from './commands.ts'

interface PaletteBodyProps {
  readonly close: () => void
  readonly openKeys: () => void
}

/** The field of the palette, and what fits what is typed there. */
export function PaletteBody({ close, openKeys }: PaletteBodyProps) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const listId = useId()
  const found = useCommands(text, openKeys)
  const chosen = Math.min(at, found.length - 1)
  const run = (command: Command | undefined) => {
    if (command === undefined) return
    close()
    command.run()
  }
  return (
    <>
      <input
        role="combobox"
        aria-label="Go to or do"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={chosen >= 0 ? `${listId}-${chosen}` : undefined}
        dir="auto"
        // It is what the palette was opened for.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        value={text}
        placeholder="Go to, do, or find…"
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, found.length - 1))
          else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0))
          else if (event.key === 'Enter') run(found[chosen])
          else return
          event.preventDefault()
        }}
        className="border-line w-full border-b bg-transparent px-4 py-3 outline-none"
      />
      <div id={listId} role="listbox" aria-label="What there is" className="max-h-80 overflow-y-auto p-1">
        {found.map((command, index) => (
          // The field above has the focus and the keys (ARIA combobox pattern).
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={command.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            ref={(option) => {
              if (index === chosen) option?.scrollIntoView({ block: 'nearest' })
            }}
            onPointerMove={() => setAt(index)}
            onClick={() => run(command)}
            className={classNames('flex cursor-pointer gap-3 rounded px-3 py-2', index === chosen && 'bg-accent-soft')}
          >
            <span dir="auto" className="min-w-0 flex-1 truncate text-left">
              {command.label}
            </span>
            {command.kind !== undefined && <span className="text-muted shrink-0">{command.kind}</span>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="text-muted px-4 pb-4">Nothing is called that.</p>}
    </>
  )
}
