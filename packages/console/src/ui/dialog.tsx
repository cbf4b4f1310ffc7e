import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { classNames } from '../lib/class-names.ts'
import { Button } from './button.tsx'
import { useFocusReturn } from './focus-return.ts'

interface DialogProps {
  readonly isOpen: boolean
  /** Asked by Escape, a click beside it, or the cross; the caller may keep it open. */
  readonly onClose: () => void
  readonly title: ReactNode
  /** A sentence below the title, read out with it. */
  readonly description?: ReactNode
  readonly isWide?: boolean
  readonly children: ReactNode
}

/** A dialog over the page: holds the focus, and gives it back when it closes. */
export function Dialog({ isOpen, onClose, title, description, isWide = false, children }: DialogProps) {
  const focusReturn = useFocusReturn()
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="bg-shade fixed inset-0 z-40" />
        <Radix.Content
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          onOpenAutoFocus={(event) => {
            focusReturn.onOpenAutoFocus()
            focusFirstField(event)
          }}
          onCloseAutoFocus={() => focusReturn.onCloseAutoFocus()}
          className={classNames(
            'bg-surface border-line fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg border shadow-xl',
            isWide ? 'max-w-2xl' : 'max-w-md',
          )}
        >
          <header className="border-line flex items-start justify-between gap-4 border-b px-5 py-4">
            <div className="min-w-0">
              <Radix.Title className="line-clamp-3 text-lg font-semibold wrap-anywhere">{title}</Radix.Title>
              {description !== undefined && (
                <Radix.Description className="text-muted mt-1">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <Button look="quiet" size="icon" aria-label="Close" className="-mt-1 -mr-2">
                <X />
              </Button>
            </Radix.Close>
          </header>
          <div className="flex flex-col gap-4 overflow-y-auto px-5 py-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Whoever has a keyboard types at once; on a phone the field would bring up one that hides the dialog. */
function focusFirstField(event: Event): void {
  const content = event.target instanceof HTMLElement ? event.target : undefined
  const field = content?.querySelector<HTMLElement>(
    'input:is([type=text], [type=email], [type=url], [type=number], [type=password], [type=search]):not([readonly], :disabled), textarea:not([readonly])',
  )
  if (field == null || !window.matchMedia('(pointer: fine)').matches) return
  event.preventDefault()
  field.focus()
}

/** The row of buttons that ends a dialog or a form. */
export function Actions({ children }: { readonly children: ReactNode }) {
  return <div className="flex flex-wrap justify-end gap-2 pt-2">{children}</div>
}

/** The end of a dialog that has shown what there was to show. */
export function Done({ onClose, children }: { readonly onClose: () => void; readonly children?: ReactNode }) {
  return (
    <Actions>
      {children}
      <Button look="primary" onClick={onClose}>
        Done
      </Button>
    </Actions>
  )
}
