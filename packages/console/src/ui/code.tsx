import { classNames } from '../lib/class-names.ts'
import { CopyButton } from './copy.tsx'

interface CodeProps {
  readonly text: string
  /** What it is, for screen readers. */
  readonly label: string
  /** Long lines are broken: for what is read rather than run. */
  readonly isWrapped?: boolean
}

/** A few lines to copy, such as a command. */
export function Code({ text, label, isWrapped = false }: CodeProps) {
  return (
    <div className="bg-sunken border-line relative rounded-md border">
      {/* Scrolled by keyboard too. */}
      <pre
        tabIndex={0}
        aria-label={label}
        className={classNames(
          'overflow-x-auto p-3 pr-11 font-mono text-xs leading-5',
          isWrapped && 'wrap-anywhere whitespace-pre-wrap',
        )}
      >
        {text}
      </pre>
      <div className="bg-sunken absolute top-1 right-1 rounded-md">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
    </div>
  )
}

/** A CID, id or key: in mono, shortened in the middle, whole on hover. */
export function Mono({ children, title }: { readonly children: string; readonly title?: string }) {
  return (
    <code className="font-mono text-[0.93em] break-all" title={title}>
      {children}
    </code>
  )
}
