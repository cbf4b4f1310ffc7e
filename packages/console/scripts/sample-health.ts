import type { Page } from 'playwright-core'

/** Something that is not well. */
export interface SampleFinding {
  readonly part: string
  readonly severity: 'warn' | 'danger'
  readonly message: string
  readonly help: string
}

/** What an installation in use answers of its health: the disk of this machine is not to show. */
export async function showSampleHealth(page: Page, findings: readonly SampleFinding[] = []): Promise<void> {
  const kind = (name: string, waiting: number, more: object = {}) => ({
    kind: name,
    waiting,
    running: 0,
    failing: 0,
    dueSince: null,
    lastError: null,
    ...more,
  })
  const kinds = [
    kind('deliver-webhook', 2, { failing: 2, lastError: 'https://shop.example.test answered 503' }),
    kind('fetch-pin', 214, { running: 16, dueSince: new Date(Date.now() - 40_000).toISOString() }),
    kind('plan-scrub', 1),
    kind('scrub-pack', 6, { running: 1 }),
  ]
  const json = {
    state: findings.length === 0 ? 'well' : 'attention',
    findings,
    checkedAt: '2026-11-20T12:00:00.000Z',
    disks: [
      {
        holds: 'everything',
        path: '/var/lib/pinyon',
        freeBytes: findings.length === 0 ? 412_316_860_416 : 120_586_240,
        totalBytes: 1_099_511_627_776,
        refusesBelowBytes: 268_435_456,
      },
    ],
    queue: { waiting: 223, running: 17, overdue: 0, isWhole: true, kinds },
    node: {
      kind: 'embedded',
      network: 'public',
      peers: 143,
      reachability: { state: 'reachable', message: 'Other nodes have connected from outside.' },
    },
  }
  await page.route('**/pinyon/v1/operator/health', (route) => route.fulfill({ json }))
}

/** Two things that are not well. */
export const sampleFindings: readonly SampleFinding[] = [
  {
    part: 'disk',
    severity: 'danger',
    message: 'The disk of /var/lib/pinyon is full: uploads are refused.',
    help: 'Unpin what is not needed, or give it a larger disk.',
  },
  {
    part: 'scrub',
    severity: 'warn',
    message: '3 packs are not read back in time.',
    help: 'Give reading more of the time (PINYON_SCRUB_SHARE) or a longer period (PINYON_SCRUB_DAYS).',
  },
]
