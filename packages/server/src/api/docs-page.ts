/** Programs that test a key, one per tab of the reference page; the same four stand in the README. */
export function authenticationExamples(
  apiUrl: string,
): readonly { readonly title: string; readonly bearer: string; readonly headers: string }[] {
  const url = `${apiUrl}/data/testAuthentication`
  return [
    {
      title: 'cURL',
      bearer: `curl -H "Authorization: Bearer $PINATA_JWT" \\
     ${url}`,
      headers: `curl -H "pinata_api_key: $PINATA_API_KEY" \\
     -H "pinata_secret_api_key: $PINATA_API_SECRET" \\
     ${url}`,
    },
    {
      title: 'Node.js',
      bearer: `import axios from 'axios'

const { data } = await axios.get('${url}', {
  headers: { Authorization: \`Bearer \${process.env.PINATA_JWT}\` },
})
console.log(data.message)`,
      headers: `import axios from 'axios'

const { data } = await axios.get('${url}', {
  headers: {
    pinata_api_key: process.env.PINATA_API_KEY,
    pinata_secret_api_key: process.env.PINATA_API_SECRET,
  },
})
console.log(data.message)`,
    },
    {
      title: 'Python',
      bearer: `import os, requests

answer = requests.get("${url}",
    headers={"Authorization": "Bearer " + os.environ["PINATA_JWT"]})
print(answer.json()["message"])`,
      headers: `import os, requests

answer = requests.get("${url}", headers={
    "pinata_api_key": os.environ["PINATA_API_KEY"],
    "pinata_secret_api_key": os.environ["PINATA_API_SECRET"],
})
print(answer.json()["message"])`,
    },
    {
      title: 'Go',
      bearer: goProgram(url, ['"Authorization", "Bearer "+os.Getenv("PINATA_JWT")']),
      headers: goProgram(url, [
        '"pinata_api_key", os.Getenv("PINATA_API_KEY")',
        '"pinata_secret_api_key", os.Getenv("PINATA_API_SECRET")',
      ]),
    },
  ]
}

function goProgram(url: string, headers: readonly string[]): string {
  return `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	request, _ := http.NewRequest("GET", "${url}", nil)
${headers.map((header) => `	request.Header.Add(${header})`).join('\n')}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Println(string(body))
}`
}

/** The reference page: Authentication first, then every route with a form to try it. Its script is \`/docs/reference.js\`. */
export function renderDocsPage(apiUrl: string): string {
  const examples = authenticationExamples(apiUrl)
  const tabs = examples
    .map(
      ({ title, bearer, headers }, at) => `
      <input type="radio" name="language" id="tab${at}"${at === 0 ? ' checked' : ''}><label for="tab${at}">${title}</label>
      <div class="panel"><h3>Bearer token</h3><pre>${escapeHtml(bearer)}</pre><h3>Custom headers</h3><pre>${escapeHtml(headers)}</pre></div>`,
    )
    .join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pinyon API reference</title>
<link rel="icon" href="${icon}">
<style>
:root { color-scheme: light dark; --ink: #1d2823; --soft: #5b6862; --paper: #fbfaf7; --line: #dcdad2; --accent: #1f5c45; --code: #f2f0ea }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebe8; --soft: #9aa8a1; --paper: #141a17; --line: #2c3631; --accent: #7cc4a4; --code: #1c2420 } }
/* The reference in the colours of the page. */
.light-mode, .dark-mode { --scalar-background-1: var(--paper); --scalar-background-2: var(--code); --scalar-background-3: var(--line); --scalar-border-color: var(--line);
  --scalar-color-1: var(--ink); --scalar-color-2: var(--soft); --scalar-color-accent: var(--accent); --scalar-sidebar-background-1: var(--paper) }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 ui-sans-serif, system-ui, sans-serif }
#authentication { max-width: 860px; margin: 0 auto; padding: 40px 24px 24px }
h1 { font-size: 26px; margin: 0 0 8px } h2 { font-size: 20px; margin: 28px 0 8px } h3 { font-size: 13px; color: var(--soft); margin: 16px 0 6px }
a { color: var(--accent) } code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 6px; padding: 12px 14px; overflow-x: auto; margin: 0 }
.tabs { display: flex; flex-wrap: wrap }
.tabs input { position: absolute; opacity: 0 }
.tabs label { padding: 8px 14px; cursor: pointer; color: var(--soft); border-bottom: 2px solid transparent }
.tabs input:checked + label { color: var(--ink); border-color: var(--accent) }
.tabs input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: -2px }
.tabs .panel { display: none; order: 1; width: 100%; border-top: 1px solid var(--line) } .tabs input:checked + label + .panel { display: block }
</style>
</head>
<body>
<main>
<section id="authentication">
<h1>Authentication</h1>
<p>Make a key (<code>./pinyon keys create</code>, or <code>POST ${escapeHtml(apiUrl)}/v3/pinata/keys</code>). Its answer holds <strong>key</strong>, <strong>secret</strong> and <strong>JWT</strong>, and shows them once.
Send the JWT as a bearer token, or key and secret as the headers <code>pinata_api_key</code> and <code>pinata_secret_api_key</code>; both work on every route.
This call says whether a key works; it asks for an admin key, <code>GET /pinyon/v1/whoami</code> answers any.</p>
<div class="tabs">${tabs}
</div>
<p>As files: <a href="/openapi.json">OpenAPI 3.1</a>, <a href="/postman.json">Postman collection</a> (variables <code>baseUrl</code> and <code>jwt</code>).</p>
</section>
<div id="reference"></div>
</main>
<script src="/docs/reference.js"></script>
<script src="/docs/open.js"></script>
</body>
</html>`
}

/** Starts the reference below the Authentication section. Its own file, since the page allows no inline script. */
export const openReferenceScript = `Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  withDefaultFonts: false,
  hideClientButton: true,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  documentDownloadType: 'none',
  persistAuth: false,
  authentication: { preferredSecurityScheme: 'jwt' },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  hiddenClients: { c: true, clojure: true, csharp: true, dart: true, fsharp: true, http: true, java: true, kotlin: true,
    objc: true, ocaml: true, php: true, powershell: true, r: true, ruby: true, rust: true, swift: true },
  showDeveloperTools: 'never',
  // Both halves of the page follow the system.
  hideDarkModeToggle: true,
  // The server as it was reached: under another name than its own, calls would leave this origin and be stopped.
  servers: [{ url: location.origin }],
})
`

const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#1f5c45" d="M8 1l5 6h-3l4 5H9v3H7v-3H2l4-5H3z"/></svg>',
)}`

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
