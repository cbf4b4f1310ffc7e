/**
 * Resolves when no other tab of this origin holds the name any more, with what lets it go; closing or reloading the tab
 * does that too. Browsers know of locks only where the page came over TLS or from this machine; elsewhere it is had at once.
 */
export function holdAlone(name: string): Promise<() => void> {
  if (!('locks' in navigator)) return Promise.resolve(() => undefined)
  return new Promise((resolve, reject) => {
    navigator.locks.request(name, () => new Promise<void>((release) => resolve(release))).catch(reject)
  })
}
