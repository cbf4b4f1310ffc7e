import type { Rig } from '../rig.ts'
import { clock } from './clock.ts'
import { connections } from './connections.ts'
import { crashPoints } from './crash-points.ts'
import { damage } from './damage.ts'
import { deviceErrors } from './device-errors.ts'
import { diskFull } from './disk-full.ts'
import { ioErrors } from './io-errors.ts'
import { kill } from './kill.ts'
import { limits } from './limits.ts'
import { malformed } from './malformed.ts'
import { memory } from './memory.ts'
import { network } from './network.ts'
import { packets } from './packets.ts'
import { points } from './points.ts'
import { postgres } from './postgres.ts'
import { postgresPowerCut } from './postgres-power-cut.ts'
import { powerCut } from './power-cut.ts'
import { processes } from './processes.ts'
import { stalls } from './stalls.ts'
import { stop } from './stop.ts'
import { vanish } from './vanish.ts'

/** Every rig, in the order in which they run. */
export const rigs: readonly Rig[] = [
  kill,
  points,
  stop,
  processes,
  postgres,
  clock,
  vanish,
  network,
  packets,
  powerCut,
  postgresPowerCut,
  crashPoints,
  diskFull,
  ioErrors,
  deviceErrors,
  limits,
  stalls,
  damage,
  malformed,
  connections,
  memory,
]
