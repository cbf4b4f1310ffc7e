/**
 * A page sends this with the session cookie: whom and which account it shows, as `actingAs` writes them. Tabs of one browser
 * share the cookie; a tab that shows what the session no longer is gets `session_changed`, and nothing is read or done.
 */
export const actingAsHeader = 'pinyon-acting-as'

/** The value of the header for a session. */
export function actingAs({ userId, accountId }: { readonly userId: string; readonly accountId: string }): string {
  return `${userId}/${accountId}`
}
