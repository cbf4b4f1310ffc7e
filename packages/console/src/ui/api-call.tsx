import { Terminal } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'
import { Code } from './code.tsx'
import { Dialog } from './dialog.tsx'

/** "As API call": what the page asks the server, as a command for a terminal. */
export function ApiCall({ curl }: { readonly curl: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      {/* At the edge of a row its words stand under those above, not its frame, which is not seen. */}
      <Button look="quiet" size="small" className="first:-ml-2.5 last:-mr-2.5" onClick={() => setOpen(true)}>
        <Terminal />
        As API call
      </Button>
      <Dialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title="As API call"
        description="What this page asks the server. Put the JWT of one of your keys into PINYON_JWT."
        isWide
      >
        <Code text={curl} label="command" />
      </Dialog>
    </>
  )
}
