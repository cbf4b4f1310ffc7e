import { pinsAreRefused } from '../../api/pin-words.ts'
import { Code } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Notice } from '../../ui/notice.tsx'
import type { Place } from './place.ts'
import type { Tool } from './tools.ts'

/** The steps that belong into the file of a program. */
const besideProgram = new Set(['Install', 'Key', 'Run', 'Redirect'])

/** The lines that connect a tool to this server. */
export function Snippets({ tool, place }: { readonly tool: Tool; readonly place: Place }) {
  const steps = tool.steps(place)
  const program = steps
    .filter(({ title }) => !besideProgram.has(title))
    .map(({ text }) => text)
    .join('\n\n')
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <p className="max-w-prose">{tool.lead}</p>
      {place.network === 'private' && (
        <Notice tone="warn">
          <p>{wordsWhenRefused(tool)}</p>
        </Notice>
      )}
      {steps.map(({ title, text }) => (
        <section key={title} className="flex flex-col gap-1.5">
          <h3 className="font-medium">{title}</h3>
          <Code label={`${tool.label}: ${title}`} text={text} />
        </section>
      ))}
      {tool.isProgram && (
        <div>
          <CopyButton text={program} label="Copy the program">
            Copy the program
          </CopyButton>
        </div>
      )}
    </div>
  )
}

function wordsWhenRefused({ isPublicOnly, isPinning }: Tool): string {
  if (isPinning === true) return pinsAreRefused
  return isPublicOnly === true
    ? 'This account refuses public content, so this works for content that others made public here.'
    : 'This account refuses public content, so these lines upload privately and read back with the key.'
}
