import { sample, type Step } from './place.ts'

/** Tests of a program in CI, against a server of their own that is gone when they end. */
export function continuousIntegrationSteps(): readonly Step[] {
  return [
    {
      title: 'On your machine',
      text: './pinyon ephemeral -- npm test',
    },
    {
      title: 'What your tests find',
      text: `PINYON_API          where the API is
PINYON_GATEWAY_URL  where the gateway is
PINYON_JWT          a key that may do everything there, also as PINATA_JWT
PINATA_API_KEY and PINATA_API_SECRET  the same key in two parts`,
    },
    {
      title: 'In a test',
      text: `const form = new FormData()
form.append('file', new Blob(['${sample.text}\\n']), '${sample.name}')
const answer = await fetch(\`\${process.env.PINYON_API}/v3/files\`, {
  method: 'POST',
  headers: { authorization: \`Bearer \${process.env.PINYON_JWT}\` },
  body: form,
})
console.log((await answer.json()).data.cid)`,
    },
    {
      title: 'GitHub Actions',
      text: `jobs:
  test:
    runs-on: ubuntu-latest
    env:
      PINYON_REPOSITORY: the address you have Pinyon from
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 24 }
      - run: npm ci
      - run: git clone --depth 1 "$PINYON_REPOSITORY" ../pinyon
      - run: ../pinyon/pinyon ephemeral -- npm test`,
    },
    {
      title: 'GitLab CI',
      text: `test:
  image: node:24
  variables:
    PINYON_REPOSITORY: the address you have Pinyon from
  script:
    - npm ci
    - git clone --depth 1 "$PINYON_REPOSITORY" /tmp/pinyon
    - /tmp/pinyon/pinyon ephemeral -- npm test`,
    },
    { title: 'Programs that name api.pinata.cloud', text: './pinyon ephemeral -- ./pinyon run --only -- npm test' },
  ]
}
