/** What was got instead. */
export class Otherwise extends Error {
  override readonly name = 'Otherwise'
}

/** Throws `Otherwise` with what was got unless `isRight`. */
export function requireThat(isRight: boolean, got: string): void {
  if (!isRight) throw new Otherwise(got)
}
