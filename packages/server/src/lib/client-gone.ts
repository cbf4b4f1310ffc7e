/** Why work ends whose client is no longer there: nobody is to blame, and nobody can be told. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
  constructor(options: { cause?: unknown } = {}) {
    super('The client went away.', options)
  }
}

/** Whether it ended because its client went away. */
export function isClientGone(error: unknown): boolean {
  return error instanceof ClientGone || (error instanceof Error && error.cause instanceof ClientGone)
}
