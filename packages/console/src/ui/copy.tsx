import { Check, Copy } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { copyText } from '../lib/copy-text.ts'
import { Button } from './button.tsx'

type Outcome = 'none' | 'copied' | 'by hand'

function useCopy(text: string, onCopied?: () => void) {
  const [outcome, setOutcome] = useState<Outcome>('none')
  useEffect(() => {
    if (outcome !== 'copied') return
    const timer = setTimeout(() => setOutcome('none'), 2_000)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async () => {
    const done = await copyText(text)
    setOutcome(done ? 'copied' : 'by hand')
    if (done) onCopied?.()
    return done
  }
  return { outcome, copy }
}

interface CopyButtonProps {
  readonly text: string
  /** What is copied, for screen readers: "Copy CID". */
  readonly label: string
  /** Words on the button; an icon alone without them. */
  readonly children?: string
  readonly onCopied?: () => void
}

/** Copies a text. Says so in its own place; where the browser refuses, shows the text selected. */
export function CopyButton({ text, label, children, onCopied }: CopyButtonProps) {
  const { outcome, copy } = useCopy(text, onCopied)
  const field = useRef<HTMLInputElement>(null)
  return (
    <span className="inline-flex items-center gap-1">
      <Button
        look={children === undefined ? 'quiet' : 'secondary'}
        size={children === undefined ? 'icon' : 'small'}
        aria-label={label}
        title={label}
        onClick={() => void copy().then((done) => done || setTimeout(() => field.current?.select()))}
      >
        {outcome === 'copied' ? <Check className="text-ok" /> : <Copy />}
        {children}
      </Button>
      <span role="status" className="sr-only">
        {outcome === 'copied' ? 'Copied' : ''}
      </span>
      {outcome === 'by hand' && (
        <input
          ref={field}
          readOnly
          value={text}
          aria-label={`${label}: press Ctrl or ⌘ and C`}
          className="border-edge bg-surface w-40 rounded border px-1 font-mono text-xs"
        />
      )}
    </span>
  )
}

interface CopyFieldProps {
  readonly label: string
  readonly value: string
  readonly onCopied?: () => void
}

/** A value in a field of its own with a button that copies it. */
export function CopyField({ label, value, onCopied }: CopyFieldProps) {
  const id = useId()
  const { outcome, copy } = useCopy(value, onCopied)
  const field = useRef<HTMLInputElement>(null)
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          ref={field}
          readOnly
          value={value}
          spellCheck={false}
          autoComplete="off"
          onFocus={(event) => event.target.select()}
          className="border-edge bg-sunken h-9 w-full min-w-0 rounded-md border px-3 font-mono text-xs"
        />
        <Button
          aria-label={`Copy ${label}`}
          onClick={() => void copy().then((done) => done || field.current?.select())}
        >
          {outcome === 'copied' ? <Check className="text-ok" /> : <Copy />}
          {outcome === 'copied' ? 'Copied' : outcome === 'by hand' ? 'Press Ctrl+C' : 'Copy'}
        </Button>
      </div>
      <span role="status" className="sr-only">
        {outcome === 'copied' ? `${label} copied` : ''}
      </span>
    </div>
  )
}
