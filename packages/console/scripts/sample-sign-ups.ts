import type { Page } from 'playwright-core'

/** Answers what a server answers where people ask for accounts, and where something was taken down. */
export async function showSampleSignUps(page: Page): Promise<void> {
  const at = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString()
  await page.route('**/pinyon/v1/operator/sign-ups', (route) =>
    route.fulfill({
      json: {
        mode: 'request',
        defaultQuotaBytes: 50_000_000_000,
        requests: [
          {
            id: 'r1',
            email: 'ana@larch.example',
            name: 'Larch Studio',
            note: 'Photos of conifers, some 30 GB.',
            createdAt: at(1),
            isUser: false,
          },
          { id: 'r2', email: 'owner@example.test', name: '', note: '', createdAt: at(2), isUser: true },
        ],
        links: [
          {
            id: 'l1',
            note: 'Botany course 2026',
            maxUses: 30,
            uses: 12,
            quotaBytes: null,
            createdAt: at(9),
            expiresAt: at(-20),
            revokedAt: null,
          },
          {
            id: 'l2',
            note: 'Ben',
            maxUses: 1,
            uses: 0,
            quotaBytes: 5_000_000_000,
            createdAt: at(3),
            expiresAt: at(-4),
            revokedAt: at(1),
          },
        ],
      },
    }),
  )
  await page.route('**/pinyon/v1/denials?*', (route) =>
    route.fulfill({
      json: {
        denials: [
          {
            cid: 'bafkreid2rn5xdup5tqjmolkueweelij4wv6ubinuxkjdabmzaom2wngmaa',
            reason: 'Court order 12/26 of the district court',
            deniedAt: at(4),
            deniedBy: { kind: 'operator', id: 'u1' },
          },
        ],
        nextPageToken: null,
      },
    }),
  )
}
