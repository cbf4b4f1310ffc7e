import { Dialog as Radix } from 'radix-ui'
import { lazy, Suspense, useEffect } from 'react'
import { partOf } from '../lib/load-ahead.ts'
import { useFocusReturn } from '../ui/focus-return.ts'

const loadBody = partOf(() => import('./palette-body.tsx'))
const PaletteBody = lazy(async () => ({ default: (await loadBody()).PaletteBody }))

interface PaletteProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly openKeys: () => void
}

/** Everything that can be gone to or done, and everything the account has, by typing a few letters of it. Ctrl or ⌘ and K. */
export function Palette({ isOpen, onOpenChange, openKeys }: PaletteProps) {
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
          <Suspense>
            <PaletteBody close={() => onOpenChange(false)} openKeys={openKeys} />
          </Suspense>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
