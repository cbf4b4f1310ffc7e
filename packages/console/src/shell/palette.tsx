import { useNavigate } from '@tanstack/react-router'
import { Dialog as Radix } from 'radix-ui'
import { useEffect, useId, useState } from 'react'
import { useSession } from '../api/session.ts'
import { classNames } from '../lib/class-names.ts'
import { paths } from '../paths.ts'
import { useFocusReturn } from '../ui/focus-return.ts'
import { destinationsOf } from './destinations.ts'
import { useSignOut } from './sign-out.ts'

interface Command {
  readonly label: string
  readonly run: () => void
}

interface PaletteProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

/** Everything that can be gone to or done, by typing a few letters of it. Ctrl or ⌘ and K. */
export function Palette({ isOpen, onOpenChange }: PaletteProps) {
  const focusReturn = useFocusReturn()
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      onOpenChange(!isOpen)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [isOpen, onOpenChange])
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="bg-shade fixed inset-0 z-40" />
        <Radix.Content
          aria-describedby={undefined}
          {...focusReturn}
          className="bg-surface border-line fixed top-[15vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 overflow-hidden rounded-lg border shadow-xl"
        >
          <Radix.Title className="sr-only">Go to or do</Radix.Title>
          <PaletteBody close={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function useCommands(): readonly Command[] {
  const navigate = useNavigate()
  const session = useSession()
  const signOut = useSignOut()
  return [
    ...destinationsOf(session).map(({ label, link }) => ({ label: `Go to ${label}`, run: () => void navigate(link) })),
    { label: 'Pin by CID', run: () => void navigate(paths.newPin) },
    { label: 'New API Key', run: () => void navigate(paths.newKey) },
    { label: 'Sign out', run: () => signOut.mutate() },
  ]
}

function PaletteBody({ close }: { readonly close: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const listId = useId()
  const words = text.toLowerCase().split(/\s+/)
  const found = useCommands().filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)))
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
        value={text}
        placeholder="Go to or do…"
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
            key={command.label}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onPointerMove={() => setAt(index)}
            onClick={() => run(command)}
            className={classNames('cursor-pointer rounded px-3 py-2', index === chosen && 'bg-accent-soft')}
          >
            {command.label}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="text-muted px-4 pb-4">Nothing is called that.</p>}
    </>
  )
}
