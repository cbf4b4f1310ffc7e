import { setTimeout } from 'node:timers/promises'
import type { Action } from './action.ts'
import type { Driver } from './driver.ts'
import { files } from './files.ts'
import type { History } from './history.ts'
import { groups } from './groups.ts'
import { keys } from './keys.ts'
import { links } from './links.ts'
import { members } from './members.ts'
import { names } from './names.ts'
import { operatorsWork } from './operator.ts'
import { people } from './people.ts'
import { pins } from './pins.ts'
import { resumable } from './resumable.ts'
import { uploads } from './uploads.ts'
import { webhooksAndGateways } from './webhooks.ts'

/** Everything that the load does. */
export const actions: readonly Action[] = [
  ...uploads,
  ...resumable,
  ...files,
  ...pins,
  ...groups,
  ...keys,
  ...links,
  ...webhooksAndGateways,
  ...names,
  ...people,
  ...members,
  ...operatorsWork,
]

const drawn = actions.flatMap((action) => Array.from({ length: action.weight }, () => action))

/**
 * Has `clients` send one request after another until the signal, or until their connection breaks; one that is `patient`
 * goes on after that. Resolves when the last answer is in.
 */
export async function applyLoad(
  driver: Driver,
  {
    clients = 6,
    signal,
    patient = false,
    only = drawn,
  }: {
    clients?: number
    signal: AbortSignal
    patient?: boolean
    only?: readonly Action[]
  },
): Promise<void> {
  await Promise.all(
    Array.from({ length: clients }, async (_, at) => {
      const client = driver.forClient(at)
      while (!signal.aborted && (patient || client.broken === 0)) await client.random.pick(only).run(client)
    }),
  )
}

/** Resolves when so many more requests were acknowledged, or after `patienceMs`. */
export async function acknowledgedMore({ counts }: History, more: number, patienceMs = 20_000): Promise<void> {
  const wanted = counts.acknowledged + more
  const until = performance.now() + patienceMs
  while (counts.acknowledged < wanted && performance.now() < until) await setTimeout(2)
}
