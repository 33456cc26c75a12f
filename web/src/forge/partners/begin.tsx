import { Badge, Button, Group, List, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { atlas } from '../../atlas/api.ts'
import type { Project } from '../../atlas/project.ts'
import { CodeBlock } from '../../parts/code-block.tsx'
import { Section } from '../../parts/page.tsx'
import { Copy } from '../../parts/secret.tsx'
import { Loaded, Waiting } from '../../parts/states.tsx'
import { useRuns } from '../../services.ts'
import { forge } from '../api.ts'
import { type Place, rehearses } from './data.ts'
import { webhookExamples } from './examples.ts'
import { Keys } from './keys.tsx'
import { firstLine, languages, type SnippetLanguage, snippetOf } from './snippets.ts'

export interface PortalProps {
  readonly project: Project
  readonly place: Place
}

/** From nothing to the first binding price: a key, a program, what is told by webhooks, where one can try it. */
export function Begin({ project, place }: PortalProps) {
  const runs = useRuns()
  return (
    <Stack gap="lg">
      <Keys project={project} place={place} />
      <Program />
      {runs('webhooks') && <Webhooks project={project} place={place} />}
      <Sandbox />
    </Stack>
  )
}

const languageNames = { curl: 'curl', node: 'Node', python: 'Python' } as const

function Program() {
  const { t } = useTranslation()
  const [language, setLanguage] = useState<SnippetLanguage>('node')
  const book = useQuery({
    queryKey: ['forge', 'bookInForce'],
    queryFn: ({ signal }) => forge.mes.getBookInForce({ signal }),
  })
  return (
    <Section
      title={t('partners.program')}
      about={t('partners.programAbout')}
      actions={
        <SegmentedControl
          aria-label={t('partners.language')}
          data={languages.map((value) => ({ value, label: languageNames[value] }))}
          value={language}
          onChange={(value) => setLanguage(value as SnippetLanguage)}
        />
      }
    >
      <Loaded query={book} waiting={<Waiting rows={1} height={320} />}>
        {(inForce) => {
          const program = snippetOf(language, {
            api: `${window.location.origin}/api/v1/partners`,
            line: firstLine(inForce.book),
          })
          return (
            <Stack>
              <CodeBlock text={program} />
              <Group justify="space-between">
                <Copy value={program} />
                <Button
                  component="a"
                  href="/docs#partners.createModel"
                  target="_blank"
                  rel="noopener"
                  variant="subtle"
                  rightSection={<IconExternalLink size={16} aria-hidden />}
                >
                  {t('partners.reference')}
                </Button>
              </Group>
            </Stack>
          )
        }}
      </Loaded>
    </Section>
  )
}

function Webhooks({ project, place }: PortalProps) {
  const { t } = useTranslation()
  const endpoints = useQuery({
    queryKey: ['webhooks', 'endpoints', place],
    queryFn: ({ signal }) => atlas.webhooks.listEndpoints({ params: place, signal }),
  })
  const { slug } = project
  const env = rehearses(place.environment) ? { env: place.environment } : {}
  return (
    <Section
      title={t('partners.webhooks')}
      about={t('partners.webhooksAbout')}
      actions={
        <Button
          variant="default"
          renderRoot={(props) => (
            <Link to="/atlas/$slug/webhooks" params={{ slug }} search={env} {...props} />
          )}
        >
          {t('partners.toWebhooks')}
        </Button>
      }
    >
      <Stack>
        <Loaded query={endpoints} waiting={<Waiting rows={1} />}>
          {({ items }) => <Text size="sm">{t('partners.endpoints', { count: items.length })}</Text>}
        </Loaded>
        <Group gap={6}>
          {Object.keys(webhookExamples).map((name) => (
            <Badge key={name} color="gray" className="mono">
              {name}
            </Badge>
          ))}
        </Group>
        <CodeBlock text={JSON.stringify(webhookExamples['partner.order.changed'], null, 2)} />
      </Stack>
    </Section>
  )
}

function Sandbox() {
  const { t } = useTranslation()
  return (
    <Section title={t('partners.sandbox')}>
      <List spacing={6}>
        {(['environments', 'prices', 'way', 'plan'] as const).map((one) => (
          <List.Item key={one}>{t(`partners.sandboxIs.${one}`)}</List.Item>
        ))}
      </List>
    </Section>
  )
}
