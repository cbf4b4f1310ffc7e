import { Link } from '@tanstack/react-router'
import { Bookmark, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useSavedViews } from '../../api/saved-views.ts'
import { SaveView } from '../../forms/save-view.tsx'
import { offerUndo } from '../../lib/undo.ts'
import { type FilesSearch, paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../ui/menu.tsx'

/** Ways to look at the list that somebody gave names to, and the way to keep this one. */
export function SavedViews({ search }: { readonly search: FilesSearch }) {
  const { views, save, remove } = useSavedViews()
  const [isSaving, setSaving] = useState(false)
  const here = views.find((view) => JSON.stringify(view.search) === JSON.stringify(search))
  return (
    <>
      <Menu
        trigger={
          <Button look="quiet" size="small">
            <Bookmark />
            Views
          </Button>
        }
      >
        {views.length === 0 && <MenuLabel>None saved yet</MenuLabel>}
        {views.map((view) => (
          <MenuItem key={view.name} asChild>
            <Link {...paths.filesBy(view.search)} aria-current={view === here ? 'page' : undefined}>
              <Bookmark />
              <span dir="auto" className="max-w-60 truncate">
                {view.name}
              </span>
            </Link>
          </MenuItem>
        ))}
        <MenuLine />
        <MenuItem
          disabledBecause={here !== undefined && `It is saved as ${here.name}.`}
          onSelect={() => setSaving(true)}
        >
          <Plus />
          Save this view…
        </MenuItem>
        {here !== undefined && (
          <MenuItem
            isDanger
            onSelect={() => {
              remove(here.name)
              offerUndo({ words: `View ${here.name} removed`, undo: async () => save(here) })
            }}
          >
            <Trash2 />
            Remove this view
          </MenuItem>
        )}
      </Menu>
      {isSaving && <SaveView search={search} onClose={() => setSaving(false)} />}
    </>
  )
}
