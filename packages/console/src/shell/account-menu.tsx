import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { Check, ChevronsUpDown } from 'lucide-react'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { useSession } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../ui/menu.tsx'
import { beginAnew } from './begun-anew.tsx'
import { useSignOut } from './sign-out.ts'
import { applyTheme, readTheme, type Theme } from './theme.ts'

const themes: readonly { theme: Theme; label: string }[] = [
  { theme: 'system', label: 'As the system' },
  { theme: 'light', label: 'Light' },
  { theme: 'dark', label: 'Dark' },
]

/** Which account this is, the way to another, the look, and the way out. */
export function AccountMenu() {
  const { account, accounts, user } = useSession()
  const [theme, setTheme] = useState(readTheme)
  const signOut = useSignOut()
  const switchTo = useMutation({
    mutationFn: (accountId: string) => client.call(routes.switchAccount, { body: { accountId } }),
    onSuccess: () => beginAnew({ isNoticed: false }),
  })
  return (
    <div className="min-w-0">
      <Menu
        align="start"
        trigger={
          <Button look="quiet" className="w-full justify-between! px-2!" aria-label={`Account ${account.name}`}>
            <span className="text-table truncate" dir="auto">
              {account.name}
            </span>
            <ChevronsUpDown className="text-muted" />
          </Button>
        }
      >
        <MenuLabel>
          <bdi className="break-words">{user.email}</bdi>
        </MenuLabel>
        {accounts.length > 1 && (
          <>
            <MenuLine />
            <MenuLabel>Accounts</MenuLabel>
            {accounts.map(({ id, name, role }) => (
              <MenuItem key={id} onSelect={() => id === account.id || switchTo.mutate(id)}>
                <Check className={id === account.id ? '' : 'invisible'} />
                <span className="truncate" dir="auto">
                  {name}
                </span>
                <span className="text-muted ml-auto pl-4">{role}</span>
              </MenuItem>
            ))}
          </>
        )}
        <MenuLine />
        <MenuLabel>Look</MenuLabel>
        {themes.map((each) => (
          <MenuItem
            key={each.theme}
            onSelect={() => {
              applyTheme(each.theme)
              setTheme(each.theme)
            }}
          >
            <Check className={each.theme === theme ? '' : 'invisible'} />
            {each.label}
          </MenuItem>
        ))}
        <MenuLine />
        <MenuItem onSelect={() => signOut.mutate()}>Sign out</MenuItem>
      </Menu>
      {(switchTo.isError || signOut.isError) && (
        <p role="alert" className="text-table text-danger px-2 pt-1 break-words">
          {messageOf(switchTo.error ?? signOut.error)}
        </p>
      )}
    </div>
  )
}
