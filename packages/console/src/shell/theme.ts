const key = 'pinyon.theme'

/** Light, dark, or as the system has it. */
export type Theme = 'system' | 'light' | 'dark'

/** The theme chosen in this browser. */
export function readTheme(): Theme {
  const kept = localStorage.getItem(key)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

/** Draws in this theme, and remembers it in this browser. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, theme)
  document.documentElement.dataset['theme'] = theme
}
