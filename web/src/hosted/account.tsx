/** What an end user does with their own account at a project: name, ways to sign in, sessions, apps, the end. */
import { Avatar, Badge, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconAppWindow, IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { deviceOf } from '../parts/device.ts'
import { Section } from '../parts/page.tsx'
import { isProblem, useProblemWords } from '../parts/problem.ts'
import { Row } from '../parts/row.tsx'
import { Empty, Loaded, Waiting } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { Refused } from '../sign/frame.tsx'
import { type Account, accountKey, SignInAgain, signInAddress } from './account-parts.tsx'
import { Ways } from './account-ways.tsx'
import { hosted } from './api.ts'
import { HostedPage } from './layout.tsx'
import { providerTrouble } from './sign-in-form.tsx'

const route = getRouteApi('/oidc/$handle/account')

export function AccountPage() {
  const { t } = useTranslation()
  const words = useProblemWords()
  const { handle } = route.useParams()
  const { ticket, error } = route.useSearch()
  const account = useQuery({
    queryKey: accountKey(handle, 'details'),
    queryFn: ({ signal }) => hosted.getAccount({ params: { handle }, signal }),
  })
  const away = account.isError && isProblem(account.error, 'notSignedIn')
  useEffect(() => {
    if (away) window.location.assign(signInAddress(handle))
  }, [away, handle])
  if (!account.data)
    return (
      <HostedPage brand={undefined} title={t('hosted.account.title')}>
        {account.isError && !away ? <Refused words={words(account.error)} /> : <Waiting rows={4} />}
      </HostedPage>
    )
  const { brand } = account.data
  return (
    <HostedPage
      brand={brand}
      wide
      title={t('hosted.account.title')}
      about={account.data.account.email ?? account.data.account.name}
    >
      <Stack gap="lg">
        {error && <Refused words={providerTrouble(error)} />}
        <NameSection handle={handle} account={account.data} />
        <Ways handle={handle} account={account.data} ticket={ticket} />
        <SessionsSection handle={handle} />
        <AppsSection handle={handle} />
        <EndSection handle={handle} name={brand.name} />
      </Stack>
    </HostedPage>
  )
}

interface PartProps {
  readonly handle: string
}

function NameSection({ handle, account }: PartProps & { account: Account }) {
  const { t } = useTranslation()
  const [name, setName] = useState(account.account.name)
  const save = useAction({
    run: () => hosted.changeAccount({ params: { handle }, body: { name: name.trim() } }),
    done: t('hosted.account.saved'),
    refresh: [accountKey(handle, 'details')],
  })
  return (
    <Section title={t('hosted.account.who')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Group align="flex-end">
          <Avatar name={name || account.account.email || '?'} color="iris" radius="xl" aria-hidden />
          <TextInput
            flex={1}
            label={t('field.displayName')}
            autoComplete="name"
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" loading={save.isPending} disabled={name.trim() === account.account.name}>
            {t('action.save')}
          </Button>
        </Group>
      </form>
    </Section>
  )
}

function SessionsSection({ handle }: PartProps) {
  const { t } = useTranslation()
  const key = accountKey(handle, 'sessions')
  const sessions = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => hosted.listOwnSessions({ params: { handle }, signal }),
  })
  const end = useAction({
    run: (id: string) => hosted.revokeOwnSession({ params: { handle, id } }),
    done: t('session.ended'),
    refresh: [key],
  })
  return (
    <Section title={t('hosted.account.sessions')}>
      <Loaded query={sessions} waiting={<Waiting rows={2} />}>
        {({ items }) => (
          <Stack gap={0} component="ul" m={0} p={0}>
            {items.map((session) => {
              const device = deviceOf(session.userAgent, t('session.unknownDevice'))
              return (
                <Row
                  key={session.id}
                  icon={device.phone ? IconDeviceMobile : IconDeviceDesktop}
                  title={
                    <Group gap={8}>
                      <Text fw={560}>{device.name}</Text>
                      {session.current && <Badge color="green">{t('session.this')}</Badge>}
                    </Group>
                  }
                  about={
                    <>
                      {session.ip} · {t('session.seen')} <When time={session.lastSeenAt} />
                      {session.appNames.length > 0 &&
                        ` · ${t('hosted.account.signedInTo', { apps: session.appNames.join(', ') })}`}
                    </>
                  }
                >
                  {!session.current && (
                    <Button
                      variant="subtle"
                      color="red"
                      size="sm"
                      aria-label={t('session.endNamed', { name: device.name })}
                      loading={end.isPending && end.variables === session.id}
                      onClick={() => end.mutate(session.id)}
                    >
                      {t('session.end')}
                    </Button>
                  )}
                </Row>
              )
            })}
          </Stack>
        )}
      </Loaded>
    </Section>
  )
}

function AppsSection({ handle }: PartProps) {
  const { t } = useTranslation()
  const key = accountKey(handle, 'consents')
  const consents = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => hosted.listOwnConsents({ params: { handle }, signal }),
  })
  const revoke = useAction({
    run: (id: string) => hosted.revokeOwnConsent({ params: { handle, id } }),
    done: t('hosted.account.appEnded'),
    refresh: [key],
  })
  return (
    <Section title={t('hosted.account.apps')} about={t('hosted.account.appsAbout')}>
      <Loaded query={consents} waiting={<Waiting rows={1} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={IconAppWindow} title={t('hosted.account.noApps')} />
          ) : (
            <Stack gap={0} component="ul" m={0} p={0}>
              {items.map((consent) => (
                <Row
                  key={consent.id}
                  icon={IconAppWindow}
                  title={<Text fw={560}>{consent.appName}</Text>}
                  about={
                    <>
                      {consent.scopes.join(', ')} · <When time={consent.grantedAt} />
                    </>
                  }
                >
                  <Button
                    variant="subtle"
                    color="red"
                    size="sm"
                    aria-label={t('hosted.account.appEndNamed', { name: consent.appName })}
                    loading={revoke.isPending && revoke.variables === consent.id}
                    onClick={() => revoke.mutate(consent.id)}
                  >
                    {t('hosted.account.appEnd')}
                  </Button>
                </Row>
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Section>
  )
}

function EndSection({ handle, name }: PartProps & { name: string }) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState(false)
  const [again, setAgain] = useState(false)
  const end = useAction({
    run: () => hosted.deleteOwnAccount({ params: { handle } }),
    onDone: () => window.location.assign(signInAddress(handle)),
    onFail: (error) => {
      setAsking(false)
      const old = isProblem(error, 'signInAgain')
      setAgain(old)
      return old
    },
  })
  return (
    <Section title={t('hosted.account.end')} about={t('hosted.account.endAbout')}>
      <Stack>
        {again && <SignInAgain handle={handle} />}
        <Group>
          <Button color="red" variant="light" onClick={() => setAsking(true)}>
            {t('hosted.account.end')}
          </Button>
        </Group>
      </Stack>
      <Confirm
        opened={asking}
        title={t('hosted.account.end')}
        confirm={t('hosted.account.end')}
        pending={end.isPending}
        onConfirm={() => end.mutate()}
        onClose={() => setAsking(false)}
      >
        {t('hosted.account.endSure', { name })}
      </Confirm>
    </Section>
  )
}
