import type { Page } from 'playwright-core'

/** Answers of `GET /pinyon/v1/pins` in every state, which takes a network and days to come about. */
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

const common = {
  keyvalues: {},
  sizeBytes: null,
  progress: { blocks: 0, bytes: 0, lastBlockAt: null },
  origins: [],
  attempts: 0,
  nextAttemptAt: null,
  deadlineAt: minutesAgo(-60 * 24),
  reason: null,
  tried: [],
} as const

const noProvider = {
  code: 'no-source',
  message: 'Nobody was found who has this content (2 sources asked, none had the next block; 1 address refused).',
  advice: 'See that a node which has all of it is online and can be reached, or name its address with the pin.',
}

const tried = [
  {
    source: '/ip4/192.168.1.20/tcp/4001/p2p/12D3KooWBhXQXkLwz8BYjYSLBS2sM8wHzvWgGR3B2XgVcZVbLKaV',
    outcome: 'refused',
    detail: '192.168.1.20 is a private address. The operator permits such ranges with PINYON_DIAL_PRIVATE.',
    blocks: 0,
  },
  {
    source: '/dns4/node.example.org/tcp/4001/p2p/12D3KooWRBy97UB99e3J6hiPesre1MZeuNQvfan4gBziswrRJsNK',
    outcome: 'unreachable',
    detail: 'Connection refused after 5 s.',
    blocks: 0,
  },
  { source: '12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf', outcome: 'gave', detail: null, blocks: 812 },
  { source: 'https://gateway.example.org', outcome: 'has-not', detail: '404', blocks: 0 },
] as const

/** The pins of a team that moves in. */
const samplePins = [
  {
    ...common,
    id: '01990000-0000-7000-8000-000000000001',
    cid: 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
    name: 'cones, all editions',
    status: 'pinning',
    statusDetails: 'Is being fetched: 812 blocks (203.4 MiB) are here.',
    createdAt: minutesAgo(3),
    progress: { blocks: 812, bytes: 213_278_720, lastBlockAt: minutesAgo(0.05) },
    origins: [tried[1].source],
    attempts: 1,
    keyvalues: { collection: 'cones', season: '2026' },
    tried,
  },
  {
    ...common,
    id: '01990000-0000-7000-8000-000000000002',
    cid: 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
    name: 'board-minutes-archive.tar',
    status: 'pinning',
    statusDetails: 'Keeps trying. Nobody was found who has this content (2 sources asked, none had the next block).',
    createdAt: minutesAgo(42),
    attempts: 4,
    nextAttemptAt: minutesAgo(-7),
    origins: [tried[0].source],
    reason: noProvider,
    tried: tried.slice(0, 2),
  },
  {
    ...common,
    id: '01990000-0000-7000-8000-000000000003',
    cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
    name: 'ספר היערות, מהדורה שנייה ומורחבת עם כל הנספחים והמפות.pdf',
    status: 'queued',
    statusDetails: 'Waits for its turn.',
    createdAt: minutesAgo(44),
  },
  {
    ...common,
    id: '01990000-0000-7000-8000-000000000004',
    cid: 'bafybeibml5uieyxa5tufngvg7fgwbkwvlsuntwbxgtskoqynbt7wlchmfm',
    name: 'Verträge und Anhänge 2026, unterschrieben, endgültige Fassung, mit allen Unterlagen der Vorjahre (2).zip',
    status: 'failed',
    statusDetails: noProvider.message,
    createdAt: minutesAgo(60 * 50),
    attempts: 38,
    origins: [tried[0].source, tried[1].source],
    reason: noProvider,
    tried: [tried[0], tried[1], tried[3]],
  },
  {
    ...common,
    id: '01990000-0000-7000-8000-000000000005',
    cid: 'bafkreic54bnnaaaoj7wjvccxyp43ijtqazx77c32bvzu4axrxysbubttxm',
    name: 'hello.txt',
    status: 'pinned',
    statusDetails: 'Every block is here and was checked.',
    createdAt: minutesAgo(60 * 73),
    sizeBytes: 17,
    progress: { blocks: 1, bytes: 17, lastBlockAt: null },
    attempts: 1,
    tried: [],
  },
  ...Array.from({ length: 12 }, (_, n) => ({
    ...common,
    id: `01990000-0000-7000-8000-0000000001${10 + n}`,
    cid: `bafybeie5gq4jxvzmsym6hjlwxej4rwdoxt7wadqvmmwbqi7r27fcl${'abcdefghijkl'[n]}qp2u`,
    name: `survey-${2026 - n}.car`,
    status: 'pinned',
    statusDetails: 'Every block is here and was checked.',
    createdAt: minutesAgo(60 * 24 * (4 + n)),
    sizeBytes: 31_457_280 * (n + 1),
    progress: { blocks: 121 * (n + 1), bytes: 31_457_280 * (n + 1), lastBlockAt: null },
    attempts: 1,
  })),
]

/** The id of a sample in that status. */
export function samplePin(status: 'queued' | 'pinning' | 'pinned' | 'failed', nth = 0): string {
  const found = samplePins.filter((pin) => pin.status === status)[nth]
  if (found === undefined) throw new Error(`There is no such sample: ${status}, ${nth}`)
  return found.id
}

/** Has the page see these pins, and no others. */
export async function showSamplePins(page: Page): Promise<void> {
  await page.route('**/pinyon/v1/pins?*', (route) => {
    const asked = new URL(route.request().url()).searchParams
    const status = asked.get('status')?.split(',')
    const pins = samplePins.filter(
      (pin) =>
        (status === undefined || status.includes(pin.status)) && pin.name.includes(asked.get('name') ?? pin.name),
    )
    const count = (each: string) => samplePins.filter((pin) => pin.status === each).length
    const counts = { queued: count('queued'), pinning: count('pinning'), pinned: 1_204, failed: count('failed') }
    const isAsked = (each: string) => status === undefined || status.includes(each)
    const matching = Object.fromEntries(Object.entries(counts).map(([each, n]) => [each, isAsked(each) ? n : 0]))
    return route.fulfill({ json: { pins, counts, matching, nextPageToken: null } })
  })
  await page.route('**/pinyon/v1/pins/*', (route) => {
    const id = new URL(route.request().url()).pathname.split('/').at(-1)
    return route.fulfill({ json: samplePins.find((pin) => pin.id === id) })
  })
}
