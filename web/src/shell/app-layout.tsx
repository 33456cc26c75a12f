import {
  AppShell,
  Avatar,
  Box,
  Burger,
  Button,
  Group,
  Kbd,
  Menu,
  NavLink,
  ScrollArea,
  Text,
  UnstyledButton,
  VisuallyHidden,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { spotlight } from '@mantine/spotlight'
import { IconLogout, IconSearch, IconShieldLock, IconUser } from '@tabler/icons-react'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../live.ts'
import { useMe, useProfile } from '../me.ts'
import { Mark } from '../parts/logo.tsx'
import { ProofDialog } from '../parts/proof.tsx'
import { signOut } from '../sign/sign-out.ts'
import classes from './app-layout.module.css'
import { Bell } from './bell.tsx'
import { PagePending } from './fallbacks.tsx'
import { Palette } from './palette.tsx'
import { sections, usePlaces } from './places.ts'
import { LanguageMenu, SchemeMenu } from './preferences.tsx'

/** The frame of every page behind the door. */
export function AppLayout() {
  const { t } = useTranslation()
  const [opened, { toggle, close }] = useDisclosure()
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const before = useRef(path)
  useLive()

  useEffect(() => {
    if (before.current === path) return
    before.current = path
    close()
    // A screen reader goes on from the new page, not from the link that led to it.
    main.current?.focus({ preventScroll: true })
  }, [path, close])

  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 252, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
      classNames={{ header: classes.header!, navbar: classes.navbar!, main: classes.main! }}
    >
      <a href="#content" className="skip-link">
        {t('shell.skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px={{ base: 'sm', sm: 'lg' }} gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={t(opened ? 'shell.closeMenu' : 'shell.openMenu')}
            aria-expanded={opened}
          />
          <Link to="/" className={classes.brand} aria-label={t('shell.toHome')}>
            <Mark size={28} />
            <span>Pleiad</span>
          </Link>
          <Button
            variant="default"
            className={classes.search!}
            leftSection={<IconSearch size={16} stroke={1.8} />}
            rightSection={
              <Kbd size="xs">{/Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K'}</Kbd>
            }
            onClick={spotlight.open}
            visibleFrom="sm"
          >
            {t('shell.search')}
          </Button>
          <Group gap={4} ml="auto" wrap="nowrap">
            <UnstyledButton
              hiddenFrom="sm"
              className={classes.icon!}
              onClick={spotlight.open}
              aria-label={t('shell.search')}
            >
              <IconSearch size={20} stroke={1.7} />
            </UnstyledButton>
            <Bell />
            <Box visibleFrom="sm">
              <LanguageMenu />
            </Box>
            <SchemeMenu />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label={t('shell.navigation')}>
        <Navigation path={path} />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} ref={main}>
        <Suspense fallback={<PagePending />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      <Palette />
      <ProofDialog />
    </AppShell>
  )
}

function Navigation({ path }: { path: string }) {
  const { t } = useTranslation()
  const shown = usePlaces()
  return (
    <ScrollArea className={classes.scroll!} type="auto" scrollbarSize={6} viewportProps={{ tabIndex: -1 }}>
      {sections.map((section) => {
        const inside = shown.filter((place) => place.section === section)
        if (inside.length === 0) return null
        return (
          <Box key={section} mb="md">
            {section !== 'main' && (
              <Text size="xs" c="dimmed" fw={600} px={12} mb={6} id={`nav-${section}`}>
                {t(`section.${section}`)}
              </Text>
            )}
            <ul className={classes.list} aria-labelledby={section === 'main' ? undefined : `nav-${section}`}>
              {inside.map((place) => (
                <li key={place.to}>
                  <NavLink
                    className={classes.link!}
                    active={path === place.to || path.startsWith(`${place.to}/`)}
                    aria-current={path === place.to ? 'page' : undefined}
                    label={t(`place.${place.name}`)}
                    leftSection={<place.icon size={19} stroke={1.7} />}
                    renderRoot={(props) => <Link to={place.to} {...props} />}
                  />
                </li>
              ))}
            </ul>
          </Box>
        )
      })}
    </ScrollArea>
  )
}

function AccountMenu() {
  const { t } = useTranslation()
  const profile = useProfile().data
  const me = useMe().data
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.icon!}>
          <VisuallyHidden>{t('shell.account')}</VisuallyHidden>
          <Avatar
            aria-hidden
            size={32}
            radius="xl"
            name={profile?.displayName}
            color="iris"
            variant="filled"
          />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Box px="sm" py={8}>
          <Text fw={600} truncate>
            {profile?.displayName ?? '…'}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {me?.email ?? ' '}
          </Text>
        </Box>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconUser size={16} />}
          renderRoot={(props) => <Link to="/profile" {...props} />}
        >
          {t('place.profile')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconShieldLock size={16} />}
          renderRoot={(props) => <Link to="/security" {...props} />}
        >
          {t('place.security')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t('shell.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
