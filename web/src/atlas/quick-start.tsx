import { Alert, Anchor, Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core'
import { IconAppWindow, IconExternalLink, IconPlayerPlay } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Copy } from '../parts/secret.tsx'
import { Empty, Failed, Waiting } from '../parts/states.tsx'
import { atlas } from './api.ts'
import { appsKey, useApps } from './app-list.ts'
import { handleOf, useMayConfigure, usePlace, useProject } from './project.ts'
import { languages, type SnippetLanguage, snippetOf } from './snippets.ts'

const route = getRouteApi('/app/atlas/$slug/quick-start')
const languageNames = { node: 'Node', python: 'Python', go: 'Go', curl: 'curl' } as const

/** From nothing to a first sign-in: try it, then take the program in one's own language. */
export function QuickStart() {
  const { t } = useTranslation()
  return (
    <Page wide title={t('atlas.tab.quickStart')} about={t('atlas.quickStart.about')}>
      <TryIt />
      <Snippets />
    </Page>
  )
}

/** The redirect URI of the page that tries an issuer out. */
const tryUri = (handle: string) => `${window.location.origin}/try/${handle}`

/** Signs in with the real flow, in a new tab, through an app of its own that is made when it is first wanted. */
function TryIt() {
  const { t } = useTranslation()
  const place = usePlace()
  const { slug } = useProject()
  const may = useMayConfigure()
  const client = useQueryClient()
  const apps = useApps()
  const handle = handleOf(slug, place.environment)
  const uri = tryUri(handle)
  const found = apps.items.find((app) => app.kind === 'browser' && app.redirectUris.includes(uri))
  const go = (appId: string) => window.open(`${uri}?app=${appId}`, '_blank', 'noopener')
  const make = useAction({
    run: () =>
      atlas.oidc.createApp({
        params: place,
        body: {
          name: t('atlas.quickStart.tryName'),
          kind: 'browser',
          redirectUris: [uri],
          postLogoutRedirectUris: [uri],
        },
      }),
    onDone: ({ app }) => {
      void client.invalidateQueries({ queryKey: appsKey(place) })
      go(app.appId)
    },
  })
  return (
    <Section
      title={t('atlas.quickStart.try')}
      about={t(found || may ? 'atlas.quickStart.tryAbout' : 'atlas.quickStart.tryNot')}
      actions={
        // Somebody who may configure the environment makes the app that it takes; then everybody may try.
        (found || may) && (
          <Button
            leftSection={<IconPlayerPlay size={18} />}
            loading={make.isPending}
            onClick={() => (found ? go(found.appId) : make.mutate())}
          >
            {t('atlas.quickStart.tryGo')}
          </Button>
        )
      }
    />
  )
}

function Snippets() {
  const { t } = useTranslation()
  const place = usePlace()
  const { slug } = useProject()
  const { app: wanted } = route.useSearch()
  const apps = useApps()
  const [chosen, setChosen] = useState<string>()
  const [picked, setLanguage] = useState<SnippetLanguage>()
  const handle = handleOf(slug, place.environment)
  const usable = apps.items.filter(
    (app) => app.redirectUris.length > 0 && !app.redirectUris.includes(tryUri(handle)),
  )
  const app = usable.find(({ appId }) => appId === (chosen ?? wanted)) ?? usable[0]
  if (apps.query.isPending) return <Waiting rows={3} />
  if (apps.query.isError) return <Failed error={apps.query.error} retry={() => void apps.query.refetch()} />
  if (!app)
    return (
      <Section>
        <Empty
          icon={IconAppWindow}
          title={t('atlas.quickStart.noApp')}
          action={
            <Button renderRoot={(props) => <Link to="/atlas/$slug/apps" params={{ slug }} {...props} />}>
              {t('atlas.apps.add')}
            </Button>
          }
        >
          {t('atlas.quickStart.noAppAbout')}
        </Empty>
      </Section>
    )
  const language = picked ?? (app.kind === 'browser' ? 'browser' : 'node')
  const issuer = `${window.location.origin}/oidc/${handle}`
  const program = snippetOf(language, {
    issuer,
    appId: app.appId,
    secret: app.hasSecret ? app.secretHint : undefined,
    redirectUri: app.redirectUris[0]!,
  })
  return (
    <Section title={t('atlas.quickStart.code')} about={t('atlas.quickStart.codeAbout')}>
      <Stack>
        <Group align="flex-end" justify="space-between">
          <Select
            label={t('atlas.quickStart.app')}
            w={{ base: '100%', xs: 300 }}
            allowDeselect={false}
            data={usable.map((one) => ({ value: one.appId, label: one.name }))}
            value={app.appId}
            onChange={(value) => setChosen(value ?? undefined)}
          />
          <SegmentedControl
            aria-label={t('atlas.quickStart.language')}
            data={languages.map((one) => ({
              value: one,
              label: one === 'browser' ? t('atlas.quickStart.inBrowser') : languageNames[one],
            }))}
            value={language}
            onChange={(value) => setLanguage(value as SnippetLanguage)}
          />
        </Group>
        {app.hasSecret && language !== 'browser' && <Alert>{t('atlas.quickStart.secret')}</Alert>}
        {language === 'browser' && app.hasSecret && (
          <Alert color="yellow">{t('atlas.quickStart.browserSecret')}</Alert>
        )}
        <CodeBlock text={program} />
        <Group justify="space-between">
          <Copy value={program} />
          <Anchor href={`/oidc/${handle}/.well-known/openid-configuration`} target="_blank" rel="noopener">
            <Group gap={6} component="span">
              <Text span>{t('atlas.quickStart.discovery')}</Text>
              <IconExternalLink size={16} aria-hidden />
            </Group>
          </Anchor>
        </Group>
      </Stack>
    </Section>
  )
}
