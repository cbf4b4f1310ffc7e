import type { routes } from '@pinyon/contract/routes.ts'
import type { Driver } from './driver.ts'

/** Something that a client does: one write, or a few that belong together. It returns early when there is nothing to do it with. */
export interface Action {
  /** The rows of the route table that it writes by. */
  readonly covers: readonly (keyof typeof routes)[]
  /** How often it is drawn, relative to others. */
  readonly weight: number
  run(driver: Driver): Promise<void>
}
