import type { Tone } from '../ui/badge.tsx'
import type { Pin, PinStatus } from './pins.ts'

/** The statuses of a pin in a word, with their colours. */
export const statusWords: Readonly<Record<PinStatus, { readonly label: string; readonly tone: Tone }>> = {
  queued: { label: 'Queued', tone: 'plain' },
  pinning: { label: 'Pinning', tone: 'accent' },
  pinned: { label: 'Pinned', tone: 'ok' },
  failed: { label: 'Failed', tone: 'danger' },
}

/** What removing a pin is called, and what it does, by where the pin stands. */
export const removalWords: Readonly<Record<PinStatus, { readonly verb: string; readonly meaning: string }>> = {
  queued: { verb: 'Cancel', meaning: 'It is not fetched, and leaves the list.' },
  pinning: {
    verb: 'Cancel',
    meaning: 'Fetching ends at once, blocks that came so far are given up, and it leaves the list.',
  },
  pinned: {
    verb: 'Unpin',
    meaning: 'We stop keeping it. Space comes back within a minute unless another of your files shares it.',
  },
  failed: { verb: 'Remove', meaning: 'It leaves the list. Nothing of it is kept here.' },
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
