/** Text as it may stand in a page, in attributes too. What cannot stand in one at all is shown as a replacement character. */
export function escapeHtml(text: string): string {
  return text.replace(unshown, '\ufffd').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

// oxlint-disable-next-line no-control-regex -- control characters are what must not pass
const unshown = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g

/** Nothing of such a page is loaded from anywhere, and nothing in it runs. */
export const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** A page of ours around content of others, which must be escaped already. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; --ink: #1d2823; --paper: #fbfaf7; --line: #dcdad2; --accent: #1f5c45 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebe8; --paper: #141a17; --line: #2c3631; --accent: #7cc4a4 } }
body { background: var(--paper); color: var(--ink); font: 14px/1.5 ui-sans-serif, system-ui, sans-serif; max-width: 1080px; margin: 32px auto; padding: 0 16px } h1 { font-size: 16px; overflow-wrap: anywhere }
table { width: 100%; border-collapse: collapse } td { padding: 5px 8px; border-top: 1px solid var(--line); overflow-wrap: anywhere } a { color: var(--accent) }
.cid, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12px } .size { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums } pre { overflow-x: auto }
@media (min-width: 1000px) { .cid { white-space: nowrap } } @media (max-width: 600px) { .cid { display: none } }
</style></head><body>${body}</body></html>
`
}
