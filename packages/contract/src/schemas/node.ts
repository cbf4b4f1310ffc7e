import { z } from 'zod'

/** GET /pinyon/v1/node: this installation on the IPFS network. */
export const NodeStatus = z
  .object({
    kind: z.enum(['off', 'embedded']),
    peerId: z.string(),
    network: z.enum(['local', 'public']),
    listens: z.array(z.string()).meta({ description: 'Multiaddrs it listens on now; none when it is off.' }),
    announces: z.array(z.string()).meta({ description: 'Multiaddrs that others are told.' }),
    delegates: z.array(z.string()).meta({ description: 'What `/psa` answers as `delegates`.' }),
    peers: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Peers connected now; null unless the caller is an operator.' }),
    reachability: z.object({
      state: z.enum(['off', 'local', 'private-address', 'port-closed', 'unproven', 'reachable']).meta({
        description:
          '`private-address`: only private addresses are announced. `port-closed`: nobody answers at what is announced. `unproven`: it answers from here, and nobody from outside came within a day. `reachable`: somebody did.',
      }),
      message: z.string().meta({ description: 'What it means and what to do, in words.' }),
    }),
  })
  .meta({ id: 'NodeStatus' })

/** A peer that is connected. */
export const NodePeer = z
  .object({
    peerId: z.string(),
    address: z.string(),
    direction: z.enum(['inbound', 'outbound']),
    agent: z.string().nullable(),
  })
  .meta({ id: 'NodePeer' })
