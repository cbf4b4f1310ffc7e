import type { Shot } from './shot.ts'
import { accessShots } from './shots/access.ts'
import { doorwayShots } from './shots/doorway.ts'
import { filesShots } from './shots/files.ts'
import { houseShots } from './shots/house.ts'
import { storedShots } from './shots/stored.ts'

/** Every page of the console, and the dialogs that matter most. */
export const shots: readonly Shot[] = [...doorwayShots, ...filesShots, ...storedShots, ...accessShots, ...houseShots]
