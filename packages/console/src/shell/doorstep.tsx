import type { ReactNode } from 'react'
import { useTitle } from '../lib/use-title.ts'

interface DoorstepProps {
  readonly title: string
  /** What this is for, in a sentence. */
  readonly lead?: ReactNode
  readonly children: ReactNode
}

/** A page for those who are not in yet: one calm column. */
export function Doorstep({ title, lead, children }: DoorstepProps) {
  useTitle(title)
  return (
    <main className="mx-auto flex w-full max-w-md flex-col gap-6 px-4 py-8 md:py-[10vh]">
      <p className="flex items-center gap-2.5 text-lg font-semibold md:justify-center">
        <img src="/console/icon.svg" alt="" className="size-9" />
        Pinyon
      </p>
      <div className="md:border-line md:bg-surface flex flex-col gap-6 md:rounded-xl md:border md:p-8 md:shadow-sm">
        <header className="flex flex-col gap-1">
          <h1 className="text-xl font-semibold break-words">{title}</h1>
          {lead !== undefined && <p className="text-muted break-words">{lead}</p>}
        </header>
        {children}
      </div>
    </main>
  )
}
