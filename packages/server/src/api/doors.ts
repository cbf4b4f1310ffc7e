import type { Door } from '../http/door.ts'
import { docsDoors } from './docs.ts'
import { healthDoors } from './health.ts'

/** Every door of the api listener. The server refuses to start when a row of the route table has none. */
export const doors: readonly Door[] = [...healthDoors, ...docsDoors]
