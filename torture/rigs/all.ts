import type { Rig } from '../rig.ts'
import { kill } from './kill.ts'

/** Every rig, in the order in which they run. */
export const rigs: readonly Rig[] = [kill]
