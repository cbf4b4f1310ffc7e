import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { presetNames, startDraft } from '../../forms/key-draft.ts'
import { NewKeyForm } from '../../forms/new-key-form.tsx'
import { paths } from '../../paths.ts'
import { Forbidden } from '../../shell/forbidden.tsx'
import { Page } from '../../ui/page.tsx'
import { SmallerKey } from './smaller-key.tsx'

const route = getRouteApi('/signed-in/keys/new')

/** Makes a key: what it is called, what it may do, how often and for how long. */
export function NewKeyPage() {
  const isMember = useSession().account.role === 'member'
  return (
    <Page title="New API Key">
      {isMember ? (
        <Forbidden permission="keys.create">An owner of this account can make you an owner too.</Forbidden>
      ) : (
        <Asked />
      )}
    </Page>
  )
}

function Asked() {
  const { preset, like } = route.useSearch()
  const navigate = useNavigate()
  // In the place of the form: going back must not come upon it.
  const onDone = () => void navigate({ ...paths.keys, replace: true, ignoreBlocker: true })
  if (like === undefined) {
    return (
      <NewKeyForm
        start={startDraft(presetNames.find((name) => name === preset))}
        onPreset={(chosen) => void navigate({ ...paths.newKeyFrom(chosen), replace: true })}
        onDone={onDone}
      />
    )
  }
  return (
    <SmallerKey id={like}>
      {(start, renderTold) => (
        // A ready set that is chosen stays in the form: the address goes on naming the key that it began with.
        <NewKeyForm start={start} renderTold={renderTold} onPreset={() => {}} onDone={onDone} />
      )}
    </SmallerKey>
  )
}
