import { keyStep, type Place, sample, type Step } from './place.ts'

/** The same with this project's own command line. */
export function commandLineSteps(place: Place): readonly Step[] {
  const { api, network } = place
  return [
    keyStep({ ...place, form: 'jwt' }),
    { title: 'Sign in', text: `./pinyon login --api ${api}` },
    { title: 'Test authentication', text: './pinyon status' },
    {
      title: 'Upload',
      text: `echo '${sample.text}' > ${sample.name}\n./pinyon upload ${network === 'public' ? '--public ' : ''}${sample.name}`,
    },
    { title: 'List', text: './pinyon ls' },
    { title: 'Read back', text: `./pinyon get ${sample.cid} -o -` },
  ]
}
