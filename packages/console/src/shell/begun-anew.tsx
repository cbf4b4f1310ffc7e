import { useState } from 'react'
import { useSession } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'

const mark = 'pinyon.begun-anew'

/**
 * Loads the console afresh for the account that the session is of now. A new load, since pages, uploads and forms of the
 * account before must not go on. `isNoticed`: this tab did not ask for it, so it says afterwards what happened.
 */
export function beginAnew({ isNoticed }: { readonly isNoticed: boolean }): void {
  if (isNoticed) sessionStorage.setItem(mark, 'yes')
  location.assign(paths.files.to)
}

/** Says why this tab does not show what it did, after it began anew. */
export function BegunAnew() {
  const { user, account } = useSession()
  const [isShown, setShown] = useState(() => sessionStorage.getItem(mark) !== null)
  if (!isShown) return null
  return (
    <div className="mb-4">
      <Notice tone="warn" isUrgent>
        <p className="break-words">
          In another tab somebody signed in anew or went to another account, so this tab began anew. It now shows{' '}
          <bdi className="font-medium">{account.name}</bdi> for <bdi>{user.email}</bdi>. If you had just asked for a
          change here, it was not made.
        </p>
        <div>
          <Button
            size="small"
            onClick={() => {
              sessionStorage.removeItem(mark)
              setShown(false)
            }}
          >
            Understood
          </Button>
        </div>
      </Notice>
    </div>
  )
}
