import { Badge, Box, Group, Progress, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconArrowRight, IconCheck, IconCircleDashed } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMe, useProfile } from '../me.ts'
import { NotificationItem } from '../notifications/item.tsx'
import { useNotificationActions, useNotifications } from '../notifications/list.ts'
import { useTitle } from '../parts/page.tsx'
import { Waiting } from '../parts/states.tsx'
import { type Place, products, usePlaces } from '../shell/places.ts'
import classes from './home.module.css'

/** The launcher: what is there, what to do next, what happened. */
export function Home() {
  const { t } = useTranslation()
  const profile = useProfile().data
  const me = useMe().data
  const shown = usePlaces()
  useTitle(t('place.home'))
  const hour = new Date().getHours()
  const greeting = hour < 5 ? 'night' : hour < 12 ? 'morning' : hour < 18 ? 'day' : 'evening'
  return (
    <Stack gap="xl" maw={1120} mx="auto">
      <Box>
        <Title order={1} fz="1.875rem">
          {profile ? t(`home.${greeting}`, { name: profile.displayName.split(' ')[0] }) : t('place.home')}
        </Title>
        <Text c="dimmed" mt={6}>
          {t('home.about')}
        </Text>
      </Box>
      <div className={classes.columns}>
        <Stack gap="xl" miw={0}>
          {([...products, 'admin', 'account'] as const).map((section) => (
            <Launcher
              key={section}
              section={section}
              places={shown.filter((place) => place.section === section)}
            />
          ))}
        </Stack>
        <Stack gap="lg" miw={0}>
          {me ? <NextSteps me={me} hasBio={Boolean(profile?.bio)} /> : <Waiting rows={3} />}
          <Latest />
        </Stack>
      </div>
    </Stack>
  )
}

function Launcher({ section, places }: { section: Place['section']; places: readonly Place[] }) {
  const { t } = useTranslation()
  if (places.length === 0) return null
  return (
    <Box component="section" aria-labelledby={`home-${section}`}>
      <Title order={2} id={`home-${section}`} mb="sm">
        {t(`section.${section}`)}
      </Title>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        {places.map((place) => (
          <Link key={place.to} to={place.to} className={`panel panel-link ${classes.tile}`}>
            <ThemeIcon variant="light" size={40} radius="md">
              <place.icon size={22} stroke={1.6} />
            </ThemeIcon>
            <Box miw={0}>
              <Text fw={600}>{t(`place.${place.name}`)}</Text>
              <Text size="sm" c="dimmed" lh={1.4}>
                {t(`placeAbout.${place.name}`)}
              </Text>
            </Box>
          </Link>
        ))}
      </SimpleGrid>
    </Box>
  )
}

interface Factors {
  readonly emailVerified: boolean
  readonly totp: boolean
  readonly passkeys: number
}

function NextSteps({ me, hasBio }: { me: Factors; hasBio: boolean }) {
  const { t } = useTranslation()
  const steps = [
    { name: 'email', done: me.emailVerified, to: '/security' },
    { name: 'factor', done: me.totp, to: '/security' },
    { name: 'passkey', done: me.passkeys > 0, to: '/security' },
    { name: 'profile', done: hasBio, to: '/profile' },
  ] as const
  const done = steps.filter((step) => step.done).length
  return (
    <Box component="section" className="panel" p="lg">
      <Group justify="space-between" mb="xs">
        <Title order={2}>{t('home.next')}</Title>
        <Badge color={done === steps.length ? 'green' : 'iris'} className="numbers">
          {done}/{steps.length}
        </Badge>
      </Group>
      <Progress
        value={(done / steps.length) * 100}
        size={6}
        radius="xl"
        mb="md"
        aria-label={t('home.progress', { done, all: steps.length })}
      />
      <Stack gap={2} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {steps.map((step) => (
          <li key={step.name}>
            <Link to={step.to} className={classes.step} data-done={step.done || undefined}>
              {step.done ? (
                <IconCheck size={20} stroke={2} className={classes.done} />
              ) : (
                <IconCircleDashed size={20} stroke={1.7} />
              )}
              <span>{t(`home.step.${step.name}`)}</span>
              {!step.done && <IconArrowRight size={16} className={classes.arrow} />}
            </Link>
          </li>
        ))}
      </Stack>
    </Box>
  )
}

function Latest() {
  const { t } = useTranslation()
  const list = useNotifications(false)
  const { read } = useNotificationActions()
  const items = list.items.slice(0, 3)
  return (
    <Box component="section" className="panel" p="lg">
      <Title order={2} mb="sm">
        {t('home.latest')}
      </Title>
      {items.length === 0 ? (
        <Text c="dimmed" size="sm">
          {t('notifications.noneAbout')}
        </Text>
      ) : (
        <Stack component="ul" gap={4} m={0} p={0} mx={-8}>
          {items.map((notification) => (
            <NotificationItem
              key={notification.notificationId}
              notification={notification}
              onOpen={read.mutate}
            />
          ))}
        </Stack>
      )}
    </Box>
  )
}
