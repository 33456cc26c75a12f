import { Badge, Button, Group, Loader, Stack, Text } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { queryClient } from '../api.ts'
import { Failed } from '../parts/states.tsx'
import { atlas } from './api.ts'
import { usePlace } from './project.ts'
import classes from './provider-icon.module.css'
import { type CatalogueEntry, type Check, healthQuery } from './provider-list.ts'
import { troubleWords } from './provider-words.ts'

/** What is tried of a provider of this kind, in this order. */
const steps: Record<CatalogueEntry['kind'], readonly Check['check'][]> = {
  openid: ['settings', 'discovery', 'keys', 'authorization', 'token'],
  oauth2: ['settings', 'authorization', 'token'],
  signed: ['settings', 'token'],
}
type State = Check['state'] | 'running' | 'left'
const tones = { running: 'iris', passed: 'green', failed: 'red', unknown: 'yellow', left: 'gray' } as const

/** Tries a configuration, and says of each step how it went. */
export function ConnectionTest({ kind, provider }: { kind: CatalogueEntry['kind']; provider: string }) {
  const { t } = useTranslation()
  const place = usePlace()
  const test = useMutation({
    mutationFn: () => atlas.oauth.testProvider({ params: { ...place, provider } }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: healthQuery(place).queryKey }),
  })
  const done = test.isPending ? undefined : test.data
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <Text size="sm" c="dimmed" flex="1 1 200px">
          {t('atlas.providers.testAbout')}
        </Text>
        <Button
          leftSection={<IconPlugConnected size={17} />}
          variant="light"
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          {t('atlas.providers.test')}
        </Button>
      </Group>
      <div aria-live="polite">
        {test.isError && !test.isPending && <Failed error={test.error} />}
        {(test.isPending || done) && (
          <Stack gap="md">
            {done && (
              <Text fw={560} c={done.ok ? undefined : 'var(--mantine-color-error)'}>
                {t(done.ok ? 'atlas.providers.testOk' : 'atlas.providers.testBad')}
              </Text>
            )}
            <ul className={classes.checks} data-testid="checks">
              {shown(kind, done?.checks).map(({ check, state, words }) => (
                <Step key={check} check={check} state={state} {...(words ? { words } : {})} />
              ))}
            </ul>
          </Stack>
        )}
      </div>
    </Stack>
  )
}

/** The steps with what is known of them; those after a failure were not tried. */
function shown(kind: CatalogueEntry['kind'], checks: readonly Check[] | undefined) {
  if (!checks) return steps[kind].map((check) => ({ check, state: 'running' as State, words: undefined }))
  const failed = checks.some(({ state }) => state === 'failed')
  const left = failed ? steps[kind].filter((step) => !checks.some(({ check }) => check === step)) : []
  return [
    ...checks.map((words) => ({ check: words.check, state: words.state as State, words })),
    ...left.map((check) => ({ check, state: 'left' as State, words: undefined })),
  ]
}

function Step({ check, state, words }: { check: Check['check']; state: State; words?: Check }) {
  const { t, i18n } = useTranslation()
  const about = (): { text: string; detail?: string } => {
    if (!words) return { text: state === 'left' ? t('atlas.providers.left') : '' }
    if (state === 'failed') return troubleWords(words.code, words.words)
    if (i18n.language === 'en') return { text: words.words }
    const text = t(`atlas.providers.${state === 'passed' ? 'passed' : 'unknown'}.${check}`)
    return state === 'passed' ? { text } : { text, detail: words.words }
  }
  const { text, detail } = about()
  return (
    <li data-state={state}>
      <Group gap={8} mb={2}>
        {state === 'running' && <Loader size={14} aria-hidden />}
        <Text fw={560}>{t(`atlas.providers.check.${check}`)}</Text>
        <Badge color={tones[state]}>{t(`atlas.providers.checkState.${state}`)}</Badge>
      </Group>
      <Text size="sm" className="wrap-anywhere">
        {text}
      </Text>
      {detail && (
        <Text size="sm" c="dimmed" className="wrap-anywhere" lang="en">
          {detail}
        </Text>
      )}
    </li>
  )
}
