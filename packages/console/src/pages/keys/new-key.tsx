import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { NewKeyForm } from '../../forms/new-key-form.tsx'
import { presetNames } from '../../forms/key-draft.ts'
import { paths } from '../../paths.ts'
import { Forbidden } from '../../shell/forbidden.tsx'
import { Page } from '../../ui/page.tsx'

const route = getRouteApi('/signed-in/keys/new')

/** Makes a key: what it is called, what it may do, how often and for how long. */
export function NewKeyPage() {
  const asked = route.useSearch().preset
  const isMember = useSession().account.role === 'member'
  const navigate = useNavigate()
  return (
    <Page title="New API Key">
      {isMember ? (
        <Forbidden permission="keys.create">An owner of this account can make you an owner too.</Forbidden>
      ) : (
        <NewKeyForm
          preset={presetNames.find((name) => name === asked)}
          onPreset={(chosen) => void navigate({ ...paths.newKeyFrom(chosen), replace: true })}
          // In the place of the form: going back must not come upon it.
          onDone={() => void navigate({ ...paths.keys, replace: true, ignoreBlocker: true })}
        />
      )}
    </Page>
  )
}
