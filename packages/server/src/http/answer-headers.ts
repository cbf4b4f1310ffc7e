import type { Route } from '@pinyon/contract/route.ts'
import type { Config } from '../config/config.ts'

/** The headers of all answers of a row, as this installation is set: `Tus-Max-Size` is what it takes, not the default. */
export function answerHeadersOf(
  route: Pick<Route, 'answerHeaders'> | undefined,
  { limits }: Pick<Config, 'limits'>,
): Readonly<Record<string, string>> {
  const headers = route?.answerHeaders ?? {}
  return headers['tus-max-size'] === undefined ? headers : { ...headers, 'tus-max-size': String(limits.uploadBytes) }
}
