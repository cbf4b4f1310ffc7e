import { useMutation } from '@tanstack/react-query'
import { Undo2, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { messageOf } from '../api/explain.ts'
import { isTyping } from '../lib/is-typing.ts'
import { type Offer, offerUndo, useUndo } from '../lib/undo.ts'
import { Button } from '../ui/button.tsx'

const offerMs = 10_000

/** What was just done, and the way back: for ten seconds, and longer while somebody is at it. Ctrl or ⌘ and Z, too. */
export function UndoBar() {
  const offer = useUndo()
  return (
    <div
      role="status"
      aria-label="Undo"
      className="pointer-events-none fixed inset-x-0 bottom-20 z-40 flex justify-center px-4 md:bottom-6"
    >
      {offer !== undefined && <Offered key={offer.serial} offer={offer} />}
    </div>
  )
}

function Offered({ offer }: { readonly offer: Offer }) {
  const [isHeld, setHeld] = useState(false)
  const back = useMutation({ mutationFn: async () => offer.undo?.(), onSuccess: () => offerUndo(undefined) })
  const { mutate, isPending, isError } = back
  useEffect(() => {
    if (isHeld || isPending || isError) return
    const timer = setTimeout(() => offerUndo(undefined), offerMs)
    return () => clearTimeout(timer)
  }, [isHeld, isPending, isError])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'z' || event.shiftKey || !(event.ctrlKey || event.metaKey)) return
      if (isTyping(event)) return
      event.preventDefault()
      mutate()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [mutate])
  return (
    <div
      className="bg-ink text-surface pointer-events-auto flex max-w-full items-center gap-3 rounded-lg py-1.5 pr-1.5 pl-4 shadow-xl"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span dir="auto" className="min-w-0 wrap-anywhere">
        {isError ? `It could not be taken back. ${messageOf(back.error)}` : offer.words}
      </span>
      {offer.undo !== undefined && !isError && (
        <Button size="small" isBusy={isPending} onClick={() => mutate()}>
          <Undo2 />
          Undo
        </Button>
      )}
      <button
        type="button"
        aria-label="Dismiss"
        className="rounded p-1 outline-offset-0 [&_svg]:size-4"
        onClick={() => offerUndo(undefined)}
      >
        <X />
      </button>
    </div>
  )
}
