import type { Place, Step } from './place.ts'

/** What to type where in IPFS Desktop and in Kubo's Web UI, which ask for the same three things. */
export function desktopSteps({ api, jwt }: Place): readonly Step[] {
  return [
    { title: 'Nickname', text: 'pinyon' },
    { title: 'API endpoint', text: `${api}/psa` },
    { title: 'Secret access key', text: jwt },
  ]
}
