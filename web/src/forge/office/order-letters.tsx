import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconMailOff, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Failed } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { useRuns } from '../../services.ts'
import { forge } from '../api.ts'
import { officeKey, orderKeys } from './data.ts'
import own from './office.module.css'

const LETTERS_MS = 10_000

/** Events of this order that a service gave up on: the order stands still there until they are handled again. */
export function OrderLetters({ orderId }: { orderId: string }) {
  const { t } = useTranslation()
  const runs = useRuns()
  const queryKey = [...officeKey, 'letters', orderId]
  const letters = useQuery({
    queryKey,
    queryFn: ({ signal }) => forge.shop.listDeadLetters({ params: { orderId }, signal }),
    refetchInterval: LETTERS_MS,
    enabled: runs('shop'),
  })
  const retry = useAction({
    run: (id?: string) =>
      forge.shop.retryDeadLetters({ params: { orderId }, body: id === undefined ? {} : { id } }),
    done: ({ count }) => t('office.letters.retried', { count }),
    refresh: [queryKey, ...orderKeys(orderId)],
  })
  if (letters.isError) return <Failed error={letters.error} retry={() => void letters.refetch()} />
  const items = letters.data?.items ?? []
  const silent = letters.data?.silent ?? []
  if (items.length === 0)
    return silent.length === 0 ? null : (
      <Alert color="yellow" icon={<IconMailOff size={20} />}>
        {t('office.letters.silent', { names: silent.join(', ') })}
      </Alert>
    )
  return (
    <Alert
      color="red"
      icon={<IconMailOff size={20} />}
      title={t('office.letters.title', { count: items.length })}
    >
      <Stack gap="sm">
        <Text size="sm">{t('office.letters.about')}</Text>
        {silent.length > 0 && (
          <Text size="sm">{t('office.letters.silent', { names: silent.join(', ') })}</Text>
        )}
        <ul className={own.list}>
          {items.map((letter) => (
            <Group
              component="li"
              key={`${letter.consumer} ${letter.id}`}
              className={own.entry!}
              justify="space-between"
              align="flex-start"
            >
              <Stack gap={2} flex="1 1 260px" miw={0}>
                <Text size="sm" fw={600} className="wrap-anywhere">
                  {letter.type} → {letter.consumer}
                </Text>
                <Text size="sm" className="wrap-anywhere" lineClamp={3}>
                  {letter.error}
                </Text>
                <Text size="xs">
                  {t('office.letters.tries', { count: letter.attempts })} · <When time={letter.parkedAt} />
                </Text>
              </Stack>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconRefresh size={15} />}
                aria-label={t('office.letters.retryNamed', { type: letter.type, consumer: letter.consumer })}
                loading={retry.isPending && retry.variables === letter.id}
                onClick={() => retry.mutate(letter.id)}
              >
                {t('office.letters.retry')}
              </Button>
            </Group>
          ))}
        </ul>
        {items.length > 1 && (
          <Group>
            <Button
              variant="default"
              leftSection={<IconRefresh size={17} />}
              loading={retry.isPending && retry.variables === undefined}
              onClick={() => retry.mutate(undefined)}
            >
              {t('office.letters.retryAll')}
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  )
}
