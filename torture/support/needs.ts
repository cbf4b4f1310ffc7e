import { existsSync } from 'node:fs'
import { arch } from 'node:os'
import type { Rig } from '../rig.ts'

type Need = Rig['needs'][number]

/** The library that fakes the clock of one process (Debian: `apt-get install libfaketime`). */
export const fakeTimeLibrary = `/usr/lib/${arch() === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`

export const fakeTime: Need = {
  name: 'libfaketime',
  missing: () => (existsSync(fakeTimeLibrary) ? undefined : `no ${fakeTimeLibrary}: apt-get install libfaketime`),
}
