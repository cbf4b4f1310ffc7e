import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

/** Makes garbage, of which some stays alive for a while, and prints how many megabytes the young generation took at most. */
const churn = `
  const { getHeapSpaceStatistics } = await import('node:v8')
  const sizeOf = (name) => getHeapSpaceStatistics().find((space) => space.space_name === name).physical_space_size / 1e6
  const alive = new Array(50_000)
  let young = 0
  for (let i = 0; i < 1_500_000; i++) {
    alive[(i * 7919) % alive.length] = { i, text: 'block ' + i, place: [i, i + 1, i + 2] }
    if (i % 50_000 === 0) young = Math.max(young, sizeOf('new_space'))
  }
  console.log(young)
`

it('keeps the young generation of the heap from growing with garbage', () => {
  const script = `const { boundHeapGrowth } = await import(${JSON.stringify(import.meta.resolve('./heap-growth.ts'))})
    boundHeapGrowth()
    ${churn}`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  // 33 to 66, for what it has when it is called; left alone it grows past 100.
  expect(Number(stdout)).toBeLessThan(85)
})
