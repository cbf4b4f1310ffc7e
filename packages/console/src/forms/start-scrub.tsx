import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client, queryClient } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { plural } from '../lib/plural.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'

/** Has everything that is stored read back from now on. */
export function StartScrub() {
  const start = useMutation({
    mutationFn: () => client.call(routes.storageScrub),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['storage'] }),
  })
  return (
    <div className="flex flex-wrap items-center gap-4">
      <Button isBusy={start.isPending} onClick={() => start.mutate()}>
        Read everything back now
      </Button>
      <span role="status">{start.data !== undefined && `${plural(start.data.packs, 'pack')} to be read.`}</span>
      {start.error !== null && (
        <Notice tone="danger" isUrgent>
          <p>{messageOf(start.error)}</p>
        </Notice>
      )}
    </div>
  )
}
