import { Link, Outlet } from '@tanstack/react-router'
import { Command, Menu as MenuIcon } from 'lucide-react'
import { lazy, Suspense, useCallback, useState } from 'react'
import { useSession } from '../api/session.ts'
import { partOf } from '../lib/load-ahead.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { AccountMenu } from './account-menu.tsx'
import { BegunAnew } from './begun-anew.tsx'
import { destinationsOf } from './destinations.ts'
import { DropZone } from './drop-zone.tsx'
import { useFocusOnPage } from './focus-on-page.ts'
import { FurtherLinks } from './further-links.tsx'
import { OfflineBanner } from './offline-banner.tsx'
import { Palette } from './palette.tsx'
import { UndoBar } from './undo-bar.tsx'
import { useKeys } from './use-keys.ts'

const loadKeys = partOf(() => import('./keys-dialog.tsx'))
const KeysDialog = lazy(async () => ({ default: (await loadKeys()).KeysDialog }))

const railLink =
  'flex items-center gap-3 rounded-md px-2 py-1.5 text-muted hover:bg-sunken hover:text-ink data-[status=active]:bg-accent-soft data-[status=active]:text-accent data-[status=active]:font-medium [&_svg]:size-4'
const barLink =
  'flex flex-1 flex-col items-center gap-1 py-2 text-xs text-muted data-[status=active]:text-accent [&_svg]:size-5'

/** What stands around every page of somebody signed in: the rail, on a phone a bar of five, and the palette. */
export function Layout() {
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  const [isKeysOpen, setKeysOpen] = useState(false)
  const openKeys = useCallback(() => setKeysOpen(true), [])
  useFocusOnPage()
  useKeys(openKeys)
  return (
    <div className="flex min-h-dvh">
      <a
        href="#page"
        className="bg-surface sr-only z-50 rounded px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        To the page
      </a>
      <Rail openPalette={() => setPaletteOpen(true)} />
      <main id="page" tabIndex={-1} className="min-w-0 flex-1 px-4 pt-5 pb-24 outline-none md:px-8 md:pt-7 md:pb-10">
        <OfflineBanner />
        <BegunAnew />
        <Outlet />
      </main>
      <BottomBar openPalette={() => setPaletteOpen(true)} />
      <Palette isOpen={isPaletteOpen} onOpenChange={setPaletteOpen} openKeys={openKeys} />
      <Suspense>{isKeysOpen && <KeysDialog onClose={() => setKeysOpen(false)} />}</Suspense>
      <DropZone />
      <UndoBar />
    </div>
  )
}

function Rail({ openPalette }: { readonly openPalette: () => void }) {
  const session = useSession()
  const all = destinationsOf(session)
  return (
    <nav
      aria-label="Pages"
      className="border-line bg-surface sticky top-0 hidden h-dvh w-56 shrink-0 flex-col gap-4 overflow-y-auto border-r p-3 md:flex"
    >
      <Link {...paths.files} className="flex items-center gap-2 px-2 pt-1 font-semibold">
        <img src="/console/icon.svg" alt="" className="size-6" />
        Pinyon
      </Link>
      <AccountMenu />
      {([1, 2, 3] as const).map((part) => (
        <ul key={part} className="flex flex-col gap-0.5">
          {all
            .filter((each) => each.part === part)
            .map(({ label, link, icon: Icon }) => (
              <li key={label}>
                <Link {...link} activeOptions={isWhole(link.to)} className={railLink}>
                  <Icon aria-hidden />
                  {label}
                </Link>
              </li>
            ))}
        </ul>
      ))}
      <Button look="quiet" size="small" className="text-muted mt-auto justify-start!" onClick={openPalette}>
        <Command />
        Go to or do
        <kbd className="ml-auto font-mono text-xs">Ctrl K</kbd>
      </Button>
      <FurtherLinks />
    </nav>
  )
}

/** Pages have others below them that are their own; only Health has a place of its own below Operator. */
function isWhole(to: string): { readonly exact: boolean } {
  return { exact: to === paths.operator.to }
}

function BottomBar({ openPalette }: { readonly openPalette: () => void }) {
  const [isOpen, setOpen] = useState(false)
  const all = destinationsOf(useSession())
  const close = () => setOpen(false)
  return (
    <nav
      aria-label="Pages"
      className="border-line bg-surface fixed inset-x-0 bottom-0 z-30 flex border-t pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {all.slice(0, 4).map(({ label, link, icon: Icon }) => (
        <Link key={label} {...link} className={barLink}>
          <Icon aria-hidden />
          {label}
        </Link>
      ))}
      <button type="button" className={barLink} onClick={() => setOpen(true)}>
        <MenuIcon aria-hidden />
        More
      </button>
      <Dialog isOpen={isOpen} onClose={close} title="More">
        <AccountMenu />
        <ul className="flex flex-col gap-1">
          {all.slice(4).map(({ label, link, icon: Icon }) => (
            <li key={label}>
              <Link {...link} activeOptions={isWhole(link.to)} className={railLink} onClick={close}>
                <Icon aria-hidden />
                {label}
              </Link>
            </li>
          ))}
        </ul>
        <Button
          onClick={() => {
            close()
            openPalette()
          }}
        >
          <Command />
          Go to or do
        </Button>
        <FurtherLinks />
      </Dialog>
    </nav>
  )
}
