import type { LinksSearch } from '../../paths.ts'
import { Chip } from '../../ui/chip.tsx'

interface LinkFiltersProps {
  readonly search: LinksSearch
  readonly onChange: (search: LinksSearch) => void
}

const kinds = [
  ['download', 'for reading'],
  ['upload', 'for uploads'],
] as const

/** Which links the list shows: chips. */
export function LinkFilters({ search, onChange }: LinkFiltersProps) {
  const { kind, ended, file, ...rest } = search
  return (
    <div role="group" aria-label="Show only" className="flex flex-wrap gap-2">
      {kinds.map(([each, label]) => (
        <Chip
          key={each}
          label={label}
          isOn={kind === each}
          onToggle={(on) => onChange({ ...search, kind: on ? each : undefined })}
        />
      ))}
      <Chip
        label="with those that ended"
        isOn={ended === true}
        onToggle={(on) => onChange({ ...search, ended: on ? true : undefined })}
      />
      {file !== undefined && (
        <Chip
          label="of one file"
          isOn
          onToggle={() =>
            onChange({ ...rest, ...(kind === undefined ? {} : { kind }), ...(ended === true ? { ended } : {}) })
          }
        />
      )}
    </div>
  )
}
