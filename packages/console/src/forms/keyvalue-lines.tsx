import { Plus, Trash2 } from 'lucide-react'
import { useWhoami } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/field.tsx'

/** A key-value as it is being typed. */
export interface KeyvalueLine {
  readonly id: number
  readonly key: string
  readonly value: string
}

interface KeyvalueLinesProps {
  readonly lines: readonly KeyvalueLine[]
  readonly onChange: (lines: readonly KeyvalueLine[]) => void
}

/** Key-values, a line each, and a button that adds one. */
export function KeyvalueLines({ lines, onChange }: KeyvalueLinesProps) {
  const { limits } = useWhoami()
  const set = (id: number, change: Partial<KeyvalueLine>) =>
    onChange(lines.map((line) => (line.id === id ? { ...line, ...change } : line)))
  return (
    <>
      <ul aria-label="Key-values" className="flex flex-col gap-2">
        {lines.map(({ id, key, value }, index) => (
          <li key={id} className="flex items-center gap-2">
            <TextInput
              dir="auto"
              aria-label={`Key ${index + 1}`}
              placeholder="Key"
              value={key}
              onChange={(event) => set(id, { key: event.target.value })}
            />
            <TextInput
              dir="auto"
              aria-label={`Value ${index + 1}`}
              placeholder="Value"
              value={value}
              onChange={(event) => set(id, { value: event.target.value })}
            />
            <Button
              look="quiet"
              size="icon"
              className="shrink-0"
              aria-label={`Remove key-value ${index + 1}`}
              title="Remove"
              onClick={() => onChange(lines.filter((line) => line.id !== id))}
            >
              <Trash2 />
            </Button>
          </li>
        ))}
      </ul>
      <div>
        <Button
          size="small"
          disabledBecause={lines.length >= limits.keyvalues && `A file has at most ${limits.keyvalues} key-values.`}
          onClick={() => onChange([...lines, { id: (lines.at(-1)?.id ?? -1) + 1, key: '', value: '' }])}
        >
          <Plus />
          Add a key-value
        </Button>
      </div>
    </>
  )
}

/** Those that something was typed into. */
export function filledLines(lines: readonly KeyvalueLine[]): readonly KeyvalueLine[] {
  return lines.filter(({ key, value }) => key !== '' || value !== '')
}

/** Why they cannot be sent, in a sentence; undefined when they can. */
export function whatIsWrongWith(lines: readonly KeyvalueLine[]): string | undefined {
  const keys = filledLines(lines).map(({ key }) => key)
  if (keys.includes('')) return 'Each value needs a key.'
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  return twice === undefined ? undefined : `The key ${twice} is there twice.`
}
