import { Notice } from '../../ui/notice.tsx'

/** Says what gateways do not do yet. */
export function NotServedYet() {
  return (
    <Notice tone="warn">
      <p>
        Gateways are kept, and not served by their names yet: what is set here takes effect with a later version. Until
        then the one gateway of this installation serves every public file to anyone.
      </p>
    </Notice>
  )
}
