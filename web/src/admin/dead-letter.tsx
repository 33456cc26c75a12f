import { Button, Group, Stack, Text } from '@mantine/core'
import { IconRefresh, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { CodeBlock } from '../parts/code-block.tsx'
import { Fact, Facts } from '../parts/facts.tsx'
import { Loaded } from '../parts/states.tsx'
import { fullTime, When } from '../parts/time.tsx'
import { lettersKey } from './operations.ts'

/** One dead letter whole: what it says, what went wrong, what can be done. */
export function Letter({
  consumer,
  id,
  manages,
  retrying,
  onRetry,
  onDiscard,
}: {
  consumer: string
  id: string
  manages: boolean
  retrying: boolean
  onRetry: () => void
  onDiscard: () => void
}) {
  const { t } = useTranslation()
  const letter = useQuery({
    queryKey: [...lettersKey, consumer, id],
    queryFn: ({ signal }) => api.operations.getDeadLetter({ params: { consumer, id }, signal }),
  })
  return (
    <Loaded query={letter}>
      {(data) => (
        <Stack>
          {manages && (
            <Group>
              <Button leftSection={<IconRefresh size={18} />} loading={retrying} onClick={onRetry}>
                {t('dead.retry')}
              </Button>
              <Button variant="light" color="red" leftSection={<IconTrash size={18} />} onClick={onDiscard}>
                {t('dead.discard')}
              </Button>
            </Group>
          )}
          <Facts>
            <Fact name={t('dead.consumer')}>{data.consumer}</Fact>
            <Fact name={t('dead.source')}>{data.source.replace('/services/', '')}</Fact>
            <Fact name={t('dead.key')}>{data.key}</Fact>
            <Fact name={t('dead.emitted')}>{fullTime(data.emittedAt)}</Fact>
            <Fact name={t('dead.parked')}>{fullTime(data.parkedAt)}</Fact>
            {data.expiresAt && (
              <Fact name={t('dead.expires')}>
                <When time={data.expiresAt} />
              </Fact>
            )}
          </Facts>
          <Block name={t('dead.error')} text={data.fullError} />
          <Block name={t('dead.data')} text={JSON.stringify(data.data, null, 2)} />
        </Stack>
      )}
    </Loaded>
  )
}

function Block({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <Text size="sm" fw={560} mb={6}>
        {name}
      </Text>
      <CodeBlock text={text} />
    </div>
  )
}
