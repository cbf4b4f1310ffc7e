import { keyStep, type Place, sample, type Step } from './place.ts'

/** Pinning from a Kubo node: it offers its own blocks, this server fetches them from it. */
export function kuboSteps(place: Place): readonly Step[] {
  const { api } = place
  return [
    keyStep({ ...place, form: 'jwt' }),
    { title: 'Add the service', text: `ipfs pin remote service add pinyon ${api}/psa "$PINYON_JWT"` },
    {
      title: 'Pin',
      text: `CID=$(echo '${sample.text}' | ipfs add --cid-version=1 --quieter)\nipfs pin remote add --service=pinyon --name=${sample.name} "$CID"`,
    },
    {
      title: 'List',
      text: 'ipfs pin remote ls --service=pinyon\nipfs pin remote ls --service=pinyon --status=queued,pinning,failed',
    },
    { title: 'Unpin', text: `ipfs pin remote rm --service=pinyon --name=${sample.name} --force` },
  ]
}
