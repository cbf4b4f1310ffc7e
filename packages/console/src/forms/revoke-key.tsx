import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type KeyDetail, keyChildrenQuery, keyQuery, noticeKeysChanged } from '../api/keys.ts'
import { plural } from '../lib/plural.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Notice } from '../ui/notice.tsx'
import { Ago } from '../ui/time.tsx'
import { FormError } from './form-error.tsx'

interface RevokeKeyProps {
  readonly keyDetail: KeyDetail
  readonly onClose: () => void
}

/** Ends a key for good, after saying who used it last. */
export function RevokeKey({ keyDetail, onClose }: RevokeKeyProps) {
  // Asked anew: the list may be older than the last use.
  const { data: key } = useQuery({ ...keyQuery(keyDetail.id), initialData: keyDetail, initialDataUpdatedAt: 0 })
  const revoke = useMutation({
    mutationFn: () => client.call(routes.keysRevoke, { params: { key: key.publicPart } }),
    async onSuccess() {
      await noticeKeysChanged()
      onClose()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={
        <>
          Revoke <bdi>{key.name}</bdi>
        </>
      }
      action="Revoke key"
      onConfirm={() => revoke.mutate()}
      isBusy={revoke.isPending}
      error={revoke.error !== null && <FormError error={revoke.error} />}
    >
      <LastUse lastUsed={key.lastUsed} />
      <ChildrenToo id={key.id} />
      <p>The next request with this key is refused everywhere. This cannot be taken back.</p>
      <p>A revoked key stays in the list of keys.</p>
    </Confirm>
  )
}

/** The keys that end with it. */
function ChildrenToo({ id }: { readonly id: string }) {
  const { data } = useQuery(keyChildrenQuery(id))
  const living = data?.keys.filter(({ state }) => state !== 'revoked').length ?? 0
  if (data === undefined || living === 0) return null
  const count = data.nextPageToken === null ? plural(living, 'child', 'children') : `more than ${living} children`
  return (
    <Notice tone="warn">
      <p>{count} of this key, made with it, end with it.</p>
    </Notice>
  )
}

function LastUse({ lastUsed }: Pick<KeyDetail, 'lastUsed'>) {
  if (lastUsed === null) return <p>It was never used.</p>
  const { at, route, address } = lastUsed
  return (
    <Notice tone="warn">
      <p>
        Used <Ago iso={at} />
        {address !== null && (
          <>
            {' by '}
            <span className="font-mono">{address}</span>
          </>
        )}
        {route !== null && (
          <>
            {', '}
            <span className="font-mono break-all">{route}</span>
          </>
        )}
        .
      </p>
    </Notice>
  )
}
