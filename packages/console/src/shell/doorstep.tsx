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
    <main className="mx-auto flex w-full max-w-md flex-col gap-6 px-4 py-10 md:py-16">
      <p className="flex items-center gap-2 font-semibold">
        <img src="/console/icon.svg" alt="" className="size-6" />
        Pinyon
      </p>
      <header className="flex flex-col gap-1">
        <h1 className="text-xl font-semibold break-words">{title}</h1>
        {lead !== undefined && <p className="text-muted break-words">{lead}</p>}
      </header>
      {children}
    </main>
  )
}
