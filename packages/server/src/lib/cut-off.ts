/** The other side went away before all was sent. */
export class CutOff extends Error {
  override readonly name = 'CutOff'

  constructor(cause: unknown) {
    super('The connection ended before the body did', { cause })
  }
}
