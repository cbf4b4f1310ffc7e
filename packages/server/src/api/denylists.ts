import { routes } from '@pinyon/contract/routes.ts'
import { door, type Door } from '../http/door.ts'
import { presentTime } from './present-time.ts'

/** Denylists in files, for operators. */
export const denylistDoors: readonly Door[] = [
  door(routes.denylistsList, ({ services }) => ({
    denylists: (services.denials.lists?.states ?? []).map(({ loadedAt, problem, brokenLines, ...list }) => ({
      ...list,
      brokenLines: [...brokenLines],
      loadedAt: presentTime(loadedAt),
      problem: problem ?? null,
    })),
  })),
]
