/** The words of a start that refused because packs know more than the database: it found the loss itself. Throws other errors on. */
export function lossSeenByStart(error: unknown): readonly string[] {
  if (String(error).includes('older than the packs')) return ['the start refused: the database is older than the packs']
  throw error
}
