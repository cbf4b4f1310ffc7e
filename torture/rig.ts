import type { Random } from './support/random.ts'

/** How long and how hard. `short` runs in CI, `long` by hand. */
export type Profile = 'short' | 'long'

/** What a rig asks of the machine beside Node. */
export interface Need {
  readonly name: string
  /** Why it is missing, or undefined when it is there. */
  missing(): string | undefined
}

/** What a rig works with. */
export interface RigContext {
  readonly profile: Profile
  /** Of this rig; printed, so that a run can be had again. */
  readonly seed: number
  readonly random: Random
  /** Rounds asked for on the command line. */
  readonly rounds: number | undefined
  /** An empty directory of this rig, removed afterwards. */
  readonly dir: string
  /** A line about what happens, shown at once. */
  log(text: string): void
}

/** What came of a rig. */
export interface RigResult {
  /** Rounds, points, cuts: how often the promise was put to the test. */
  readonly points: number
  /** Broken promises in words; none is right. */
  readonly violations: readonly string[]
  /** What was measured beside. */
  readonly figures?: Readonly<Record<string, string | number>>
}

/** One way to break the program, and what must hold after it. */
export interface Rig {
  readonly name: string
  /** The promise, in a sentence, with the faults of the plan that it stands for. */
  readonly proves: string
  readonly needs: readonly Need[]
  run(context: RigContext): Promise<RigResult>
  /** The same with the promise really broken: it must end with violations, or the rig proves nothing. */
  readonly control: {
    readonly does: string
    run(context: RigContext): Promise<readonly string[]>
  }
}
