import type { ReactNode } from 'react'
import { useTitle } from '../lib/use-title.ts'

interface PageProps {
  readonly title: string
  /** What the page is for, in a sentence. */
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A page: its title, what can be done there, and what it shows. */
export function Page({ title, lead, actions, children }: PageProps) {
  useTitle(title)
  return (
    <div className="flex w-full max-w-[88rem] flex-col gap-6">
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          {/* Takes the focus after navigation, so that screen readers say where they are. */}
          <h1 dir="auto" tabIndex={-1} className="text-left text-xl font-semibold wrap-anywhere outline-none">
            {title}
          </h1>
          {lead !== undefined && <p className="text-muted mt-1 max-w-[80ch] text-pretty">{lead}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** A part of a page under a heading of its own. */
export function Section({ title, lead, actions, children }: PageProps) {
  return (
    <section className="flex flex-col gap-3">
      <header className="flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 className="text-lg font-semibold">{title}</h2>
          {lead !== undefined && <p className="text-muted max-w-[80ch] text-pretty">{lead}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </section>
  )
}
