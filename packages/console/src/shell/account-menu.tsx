import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Check, ChevronsUpDown } from 'lucide-react'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { forgetEverything, useSession } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuItem, MenuLabel, MenuLine } from '../ui/menu.tsx'
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
  const navigate = useNavigate()
  const signOut = useSignOut()
  const switchTo = useMutation({
    mutationFn: (accountId: string) => client.call(routes.switchAccount, { body: { accountId } }),
    async onSuccess() {
      forgetEverything()
      await navigate(paths.files)
    },
  })
  return (
    <Menu
      align="start"
      trigger={
        <Button look="quiet" className="w-full justify-between px-2!" aria-label={`Account ${account.name}`}>
          <span className="truncate">{account.name}</span>
          <ChevronsUpDown className="text-muted" />
        </Button>
      }
    >
      <MenuLabel>{user.email}</MenuLabel>
      {accounts.length > 1 && (
        <>
          <MenuLine />
          <MenuLabel>Accounts</MenuLabel>
          {accounts.map(({ id, name, role }) => (
            <MenuItem key={id} onSelect={() => id === account.id || switchTo.mutate(id)}>
              <Check className={id === account.id ? '' : 'invisible'} />
              <span className="truncate">{name}</span>
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
  )
}
