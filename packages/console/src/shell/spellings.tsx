import { spellingsOf } from '../api/cid-spellings.ts'
import { CopyValue, Fact, FactList } from '../ui/facts.tsx'

/** A CID in each of its spellings: programs differ in which they take. */
export function Spellings({ cid }: { readonly cid: string }) {
  const spellings = spellingsOf(cid)
  return (
    <FactList>
      {(spellings.length === 0 ? [{ name: 'CID', text: cid }] : spellings).map(({ name, text }) => (
        <Fact key={name} name={name}>
          <CopyValue text={text} label={`Copy ${name}`} />
        </Fact>
      ))}
    </FactList>
  )
}
