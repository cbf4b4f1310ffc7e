import { ConfigError } from './config/config-error.ts'
import type { Config } from './config/config.ts'
import { type Denylists, openDenylists } from './denials/lists/denylists.ts'
import type { Clock } from './lib/clock.ts'
import type { Logger } from './lib/log.ts'

/** Reads the denylists of the settings: nothing is served before. Throws ConfigError when one cannot be read. */
export async function openLists(
  { denylists: places }: Pick<Config, 'denylists'>,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<Denylists> {
  try {
    return await openDenylists({ places, log, now: () => clock.now() })
  } catch (error) {
    throw new ConfigError(`PINYON_DENYLISTS: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    })
  }
}
