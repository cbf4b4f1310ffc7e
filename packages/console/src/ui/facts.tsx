import type { ReactNode } from 'react'
import { CopyButton } from './copy.tsx'

/** What is known of a thing: names, and beside or below each what it is. */
export function FactList({ children }: { readonly children: ReactNode }) {
  return <dl className="grid grid-cols-1 gap-x-4 sm:grid-cols-[9rem_minmax(0,1fr)] sm:gap-y-2">{children}</dl>
}

/** One of them. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="tabular min-w-0 pb-2 break-words sm:pb-0">{children}</dd>
    </>
  )
}

/** The numbers that a page is about, large. */
export function Figures({ children }: { readonly children: ReactNode }) {
  return <dl className="flex flex-wrap gap-x-12 gap-y-4">{children}</dl>
}

/** One of them; `detail` says it more exactly. */
export function Figure({ name, detail, children }: FigureProps) {
  return (
    <div>
      <dt className="text-muted">{name}</dt>
      <dd className="tabular text-2xl font-semibold">
        {children}
        {detail !== undefined && <span className="text-table text-muted block font-normal">{detail}</span>}
      </dd>
    </div>
  )
}

interface FigureProps {
  readonly name: string
  readonly detail?: ReactNode
  readonly children: ReactNode
}

/** A value that is copied whole, such as a CID. `label` says what the button copies. */
export function CopyValue({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className="flex items-start gap-1">
      <code className="min-w-0 font-mono text-xs leading-5 break-all">{text}</code>
      <span className="-my-1.5 shrink-0">
        <CopyButton text={text} label={label} />
      </span>
    </span>
  )
}

interface PairsProps {
  readonly pairs: Readonly<Record<string, string | number | boolean>>
  /** What is said where there are none. */
  readonly none: string
}

/** Keys and values that people chose. */
export function Pairs({ pairs, none }: PairsProps) {
  const all = Object.entries(pairs)
  if (all.length === 0) return <p className="text-muted">{none}</p>
  return (
    <dl className="grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)] gap-x-6 gap-y-1">
      {all.map(([key, value]) => (
        <div key={key} className="col-span-2 grid grid-cols-subgrid">
          <dt dir="auto" className="text-muted break-words">
            {key}
          </dt>
          <dd dir="auto" className="break-words">
            {String(value)}
          </dd>
        </div>
      ))}
    </dl>
  )
}
