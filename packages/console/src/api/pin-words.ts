import { formatNumber } from '../lib/format-bytes.ts'
import type { Tone } from '../ui/badge.tsx'
import { type Pin, pinStatuses, type PinStatus } from './pins.ts'

/** The statuses of a pin in a word, with their colours. */
export const statusWords: Readonly<Record<PinStatus, { readonly label: string; readonly tone: Tone }>> = {
  queued: { label: 'Queued', tone: 'plain' },
  pinning: { label: 'Pinning', tone: 'accent' },
  pinned: { label: 'Pinned', tone: 'ok' },
  failed: { label: 'Failed', tone: 'danger' },
}

/** What removing a pin is called, and what it does to one and to many, by where they stand. */
export const removalWords: Readonly<
  Record<PinStatus, { readonly verb: string; readonly meaning: string; readonly ofMany: string }>
> = {
  queued: {
    verb: 'Cancel',
    meaning: 'It is not fetched, and leaves the list.',
    ofMany: 'They are not fetched, and leave the list.',
  },
  pinning: {
    verb: 'Cancel',
    meaning: 'Fetching ends at once, blocks that came so far are given up, and it leaves the list.',
    ofMany: 'Fetching ends at once, blocks that came so far are given up, and they leave the list.',
  },
  pinned: {
    verb: 'Unpin',
    meaning: 'We stop keeping it. Space comes back within a minute unless another of your files shares it.',
    ofMany: 'We stop keeping them. Space comes back within a minute unless other files of yours share it.',
  },
  failed: {
    verb: 'Remove',
    meaning: 'It leaves the list. Nothing of it is kept here.',
    ofMany: 'They leave the list. Nothing of them is kept here.',
  },
}

/** What removing pins does, by where they stand; with how many where they differ. */
export function removalMeanings(counts: Readonly<Record<PinStatus, number>>): string[] {
  const statuses = pinStatuses.filter((status) => counts[status] > 0)
  return statuses.map((status) => {
    const words = counts[status] === 1 ? removalWords[status].meaning : removalWords[status].ofMany
    return statuses.length === 1 ? words : `${formatNumber(counts[status])} ${status}: ${words}`
  })
}

/** What trying pins again does, by where they stand, with how many. */
export function retryMeanings({ queued, pinning, pinned, failed }: Readonly<Record<PinStatus, number>>): string[] {
  const waiting = queued + pinning
  const said = (count: number, status: string, one: string, many: string) =>
    count === 0 ? [] : [`${formatNumber(count)} ${status}: ${count === 1 ? one : many}`]
  return [
    ...said(failed, 'failed', 'It begins anew, with its whole time before it.', 'They begin anew, with their whole time before them.'), // prettier-ignore
    ...said(waiting, 'queued or pinning', 'Its next attempt is at once.', 'Their next attempt is at once.'),
    ...said(pinned, 'pinned', 'It is here already, and stays as it is.', 'They are here already, and stay as they are.'), // prettier-ignore
  ]
}

/** What came of asking a source. */
export const outcomeWords: Readonly<
  Record<Pin['tried'][number]['outcome'], { readonly label: string; readonly tone: Tone }>
> = {
  gave: { label: 'Gave blocks', tone: 'ok' },
  connected: { label: 'Connected, gave nothing yet', tone: 'accent' },
  'has-not': { label: 'Does not have it', tone: 'plain' },
  unreachable: { label: 'Could not be reached', tone: 'warn' },
  refused: { label: 'Not dialled', tone: 'warn' },
  'not-understood': { label: 'Not an address we understand', tone: 'warn' },
  lied: { label: 'Gave wrong bytes, asked no more', tone: 'danger' },
}

/** What a pin is called: its name, else its CID. */
export function titleOf({ name, cid }: Pick<Pin, 'name' | 'cid'>): string {
  return name === null || name === '' ? cid : name
}

/** Why nothing can be pinned by CID where public content is refused. */
export const pinsAreRefused =
  'Pins by CID are public, and this account refuses public content. Its owner can allow it under Account.'

/** The same; false where pinning works. */
export function pinningRefused({ publicContent }: { readonly publicContent: 'allowed' | 'refused' }): string | false {
  return publicContent === 'refused' && pinsAreRefused
}
