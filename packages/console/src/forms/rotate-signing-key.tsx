import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client, queryClient } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { Button } from '../ui/button.tsx'
import { Mono } from '../ui/code.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { Notice } from '../ui/notice.tsx'

/** Has JWTs signed by a new key from now on. */
export function RotateSigningKey() {
  const [isAsking, setAsking] = useState(false)
  const rotate = useMutation({
    mutationFn: () => client.call(routes.signingKeysRotate),
    async onSuccess() {
      setAsking(false)
      await queryClient.invalidateQueries({ queryKey: ['audit'] })
    },
  })
  return (
    <>
      <div className="flex flex-wrap items-center gap-4">
        <Button
          onClick={() => {
            rotate.reset()
            setAsking(true)
          }}
        >
          Rotate the signing key
        </Button>
        <span role="status">
          {rotate.data !== undefined && (
            <>
              Rotated. JWTs are now signed by <Mono>{rotate.data.kid}</Mono>.
            </>
          )}
        </span>
      </div>
      <Confirm
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Rotate the signing key"
        action="Rotate"
        isBusy={rotate.isPending}
        onConfirm={() => rotate.mutate()}
        error={
          rotate.error !== null && (
            <Notice tone="danger" isUrgent>
              <p>{messageOf(rotate.error)}</p>
            </Notice>
          )
        }
      >
        <p>
          JWTs made from now on are signed by a new key. JWTs already given stay valid: the old key goes on verifying
          them.
        </p>
        <p>Programs that verify JWTs themselves find both at /.well-known/jwks.json.</p>
      </Confirm>
    </>
  )
}
