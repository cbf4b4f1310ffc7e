import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, useState } from 'react'
import { Button } from './button.tsx'
import { TextInput } from './field.tsx'

/** A password, which its writer may look at. `autoComplete` tells password managers whether it is new. */
export function PasswordInput(props: Omit<ComponentProps<'input'>, 'type'> & { readonly autoComplete: string }) {
  const [isShown, setShown] = useState(false)
  return (
    <div className="relative">
      <TextInput {...props} type={isShown ? 'text' : 'password'} spellCheck={false} className="pr-10" />
      <Button
        look="quiet"
        size="icon"
        className="absolute top-0.5 right-0.5"
        aria-label={isShown ? 'Hide password' : 'Show password'}
        aria-pressed={isShown}
        onClick={() => setShown(!isShown)}
      >
        {isShown ? <EyeOff /> : <Eye />}
      </Button>
    </div>
  )
}
