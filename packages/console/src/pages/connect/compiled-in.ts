import { keyStep, type Place, type Step } from './place.ts'

/** Programs whose Pinata hosts are compiled in, led here without a change to them. */
export function compiledInSteps(place: Place): readonly Step[] {
  const { api, gateway, jwt } = place
  return [
    keyStep({ ...place, form: 'jwt' }),
    { title: 'Where to', text: `export PINYON_API='${api}' PINYON_GATEWAY_URL='${gateway}'` },
    {
      title: 'Try it',
      text: `./pinyon run -- curl -H 'Authorization: Bearer ${jwt}' https://api.pinata.cloud/data/testAuthentication`,
    },
    { title: 'Run a program', text: './pinyon run -- node scripts/mint.js' },
    { title: 'Let it reach nothing else', text: './pinyon run --only -- python3 drop.py' },
    { title: 'A server of its own, for tests', text: './pinyon ephemeral -- npm test' },
    { title: 'Both', text: './pinyon ephemeral -- ./pinyon run -- npm test' },
  ]
}
