import type { Page } from 'playwright-core'

const dayMs = 86_400_000

/** A month of a gateway in use: a server that was just set up has served nothing. */
export async function showSampleUsage(page: Page): Promise<void> {
  const periods = Array.from({ length: 30 }, (_, day) => {
    const requests = Math.round(1_800 + 900 * Math.sin(day / 4.5) + 37 * ((day * 7) % 11))
    const period_start_time = new Date(Date.now() - (29 - day) * dayMs).toISOString().slice(0, 10)
    return { period_start_time, requests, bandwidth: requests * 412_007 }
  })
  const sum = (of: 'requests' | 'bandwidth') => periods.reduce((all, period) => all + period[of], 0)
  const top = [
    { value: 'pines.jpg', requests: 20_411, bandwidth: 973_013_241 },
    { value: 'site', requests: 11_870, bandwidth: 642_880_117 },
    {
      value: 'Verträge und Anhänge 2026, unterschrieben, endgültige Fassung (2).txt',
      requests: 5_120,
      bandwidth: 71_680,
    },
    { value: 'cone-1.json', requests: 812, bandwidth: 61_712 },
  ]
  await page.route('**/v3/analytics/gateways/time_series?*', (route) =>
    route.fulfill({
      json: {
        data: { total_requests: sum('requests'), total_bandwidth: sum('bandwidth'), time_periods: periods },
      },
    }),
  )
  await page.route('**/v3/analytics/gateways/top?*', (route) => route.fulfill({ json: { data: top } }))
}
