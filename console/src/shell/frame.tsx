import { ActionIcon, AppShell, Burger, Button, Group, NavLink, ScrollArea, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Route, Switch, useLocation, useRoute } from 'wouter'
import { useLiveEnvironments } from '../api/live.ts'
import { useMe } from '../api/me.ts'
import { at } from '../api/place.ts'
import { type PageEntry, pages, patternOf } from '../pages.ts'
import { lazily } from '../parts/lazily.ts'
import { Loading } from '../parts/loading.tsx'
import { useUploadsBegun } from '../uploads/begun.ts'
import { ConnectionNotice, ConnectionSign } from './connection.tsx'
import { Fault } from './fault.tsx'
import { openPalette, Palette } from './palette.tsx'
import { SignedOut } from './signed-out.tsx'

const UploadTray = lazily(async () => (await import('../uploads/tray.tsx')).UploadTray)

/** The frame of all pages: the menu, the state of the connection, and the command palette. */
export function Frame() {
  const { t } = useTranslation()
  const [isOpen, menu] = useDisclosure()
  const [location] = useLocation()
  const { isAdmin, user_id: user } = useMe()
  const main = useRef<HTMLDivElement>(null)
  const isFirst = useRef(true)
  useLiveEnvironments()
  const hasUploads = useUploadsBegun()

  // A reader of the screen hears of the new page, and the keyboard goes on from there.
  useEffect(() => {
    menu.close()
    if (!isFirst.current) main.current?.focus()
    isFirst.current = false
  }, [location])

  const allowed = pages.filter(({ who }) => who === 'anyone' || isAdmin)
  const shown = allowed.filter(({ name }) => name)
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 240, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a
        className="skip"
        href={`${location}#content`}
        onClick={(event) => {
          event.preventDefault()
          main.current?.focus()
        }}
      >
        {t('skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={isOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t('menu')}
              aria-expanded={isOpen}
            />
            <Title order={1} size="h3" lineClamp={1}>
              <Link href="/" className="plain-link">
                {t('lab')}
              </Link>
            </Title>
            <ConnectionSign />
          </Group>
          <Button
            visibleFrom="xs"
            variant="default"
            leftSection={<IconSearch size={16} />}
            rightSection={<Text size="xs">Ctrl K</Text>}
            onClick={openPalette}
          >
            {t('search')}
          </Button>
          <ActionIcon hiddenFrom="xs" variant="default" size="lg" aria-label={t('search')} onClick={openPalette}>
            <IconSearch size={16} />
          </ActionIcon>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('menu')}>
        <AppShell.Section grow component={ScrollArea}>
          {(['anyone', 'administrators'] as const).map((who) => {
            const group = shown.filter((page) => page.who === who)
            if (group.length === 0) return null
            return (
              <nav key={who} aria-label={t(who === 'anyone' ? 'nav.own' : 'nav.lab')}>
                {isAdmin && (
                  <Text size="xs" c="dimmed" fw={600} px="sm" pt="sm" pb={4}>
                    {t(who === 'anyone' ? 'nav.own' : 'nav.lab')}
                  </Text>
                )}
                {group.map((page) => (
                  <Entry key={page.path} page={page} />
                ))}
              </nav>
            )
          })}
        </AppShell.Section>
        <AppShell.Section>
          <Text size="sm" px="sm" py="xs" className="foreign">
            {t('you', { user })}
          </Text>
          <NavLink component="a" href={at('docs')} label={t('apiPages')} />
          <form method="post" action={at('sign-out')}>
            <NavLink component="button" type="submit" label={t('signOut')} />
          </form>
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} ref={main} style={{ outline: 'none' }}>
        <ConnectionNotice />
        <Fault key={location}>
          <Suspense fallback={<Loading />}>
            <Switch>
              {allowed.map((page) => (
                <Route key={page.path} path={patternOf(page)}>
                  <Titled page={page} />
                </Route>
              ))}
              <Route>{t('noSuchPage')}</Route>
            </Switch>
          </Suspense>
        </Fault>
        {hasUploads && (
          <Fault>
            <Suspense>
              <UploadTray />
            </Suspense>
          </Fault>
        )}
      </AppShell.Main>
      <Fault>
        <Palette pages={shown} />
        <SignedOut />
      </Fault>
    </AppShell>
  )
}

/** Shows a page. The window's title is its name, or the name of the page to which it belongs. */
function Titled({ page: { name, belongsTo, show: Show } }: { page: PageEntry }) {
  const { t } = useTranslation()
  const title = name ?? belongsTo
  useEffect(() => {
    document.title = title ? `${t(`pages.${title}`)} · ${t('lab')}` : t('lab')
  })
  return <Show />
}

function Entry({ page }: { page: PageEntry }) {
  const { t } = useTranslation()
  const { path, name, icon: Icon } = page
  const [isHere] = useRoute(patternOf(page))
  if (!name) return null
  return (
    <NavLink
      component={Link}
      href={path}
      active={isHere}
      aria-current={isHere ? 'page' : undefined}
      label={t(`pages.${name}`)}
      leftSection={Icon && <Icon size={18} stroke={1.6} />}
    />
  )
}
