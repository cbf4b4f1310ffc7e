import { CopyButton } from './copy.tsx'

/** A few lines to copy, such as a command. */
export function Code({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="bg-sunken border-line relative rounded-md border">
      {/* Scrolled by keyboard too. */}
      <pre tabIndex={0} aria-label={label} className="overflow-x-auto p-3 pr-11 font-mono text-xs leading-5">
        {text}
      </pre>
      <div className="absolute top-1 right-1">
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
