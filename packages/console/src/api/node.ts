import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** The installation's node on the IPFS network. */
export type NodeStatus = AnswerOf<typeof routes.nodeGet>

/** Which node this installation has, where it is, and whether others can reach it. */
export const nodeQuery = queryOptions({
  queryKey: ['node'],
  queryFn: ({ signal }) => client.call(routes.nodeGet, { signal }),
  // The server looks whether others can reach it once a minute; peers come and go all the time.
  refetchInterval: 10_000,
})

/** What the network that was chosen means. */
export const networkWords = {
  local: 'This installation talks to no one but the peers you name.',
  public: 'This installation joins the IPFS network and tells it which public files it has.',
} as const
