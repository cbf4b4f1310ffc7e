/** Settings that contradict each other or cannot be read; the message names the variable and is for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
  }
}
