import { Box, Button, Drawer, Group, Select } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { IconHistory, IconMailCheck, IconRefresh, IconTrash } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useMay } from '../me.ts'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { More } from '../parts/more.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Failed, Waiting } from '../parts/states.tsx'
import { Letter } from './dead-letter.tsx'
import { type DeadLetter, idOf, LetterTable } from './letter-table.tsx'
import { lettersKey, loadMap, mapKey } from './operations.ts'
import { Replay } from './replay.tsx'

/** Events whose handler gave up: look, mend, retry or give them up. */
export function DeadLetters() {
  const { t } = useTranslation()
  const may = useMay()
  const manages = may('operations:manage')
  const phone = useMediaQuery('(max-width: 48em)')
  const [consumer, setConsumer] = useState<string | null>(null)
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [chosen, setChosen] = useState<DeadLetter>()
  const [discarding, setDiscarding] = useState(false)
  const [replaying, replay] = useDisclosure()
  const map = useQuery({ queryKey: mapKey, queryFn: ({ signal }) => loadMap(signal), staleTime: 60_000 })
  const list = useInfiniteQuery({
    queryKey: [...lettersKey, consumer],
    queryFn: ({ pageParam, signal }) =>
      api.operations.listDeadLetters({
        query: { ...(consumer ? { consumer } : {}), ...(pageParam ? { cursor: pageParam } : {}) },
        signal,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  })
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const selection = items.filter((letter) => picked.has(idOf(letter)))
  const consumers = (map.data ?? []).flatMap((service) =>
    service.facts.handles.map((handle) => handle.consumer),
  )
  const settle = {
    refresh: [lettersKey, mapKey],
    onDone: () => {
      setPicked(new Set())
      setChosen(undefined)
      setDiscarding(false)
    },
  }
  const retry = useAction({
    run: (letters: readonly DeadLetter[]) =>
      each(letters, (letter) =>
        api.operations.retryDeadLetters({ body: { consumer: letter.consumer, id: letter.id } }),
      ),
    done: (count) => t('dead.retried', { count }),
    ...settle,
  })
  const discard = useAction({
    run: (letters: readonly DeadLetter[]) =>
      each(letters, (letter) =>
        api.operations.discardDeadLetters({ body: { consumer: letter.consumer, id: letter.id } }),
      ),
    done: (count) => t('dead.discarded', { count }),
    ...settle,
  })
  return (
    <Page
      wide
      title={t('place.deadLetters')}
      about={t('placeAbout.deadLetters')}
      actions={
        manages && (
          <Button variant="default" leftSection={<IconHistory size={18} />} onClick={replay.open}>
            {t('replay.title')}
          </Button>
        )
      }
    >
      <Group justify="space-between" gap="sm">
        <Select
          w={280}
          clearable
          searchable
          placeholder={t('dead.anyConsumer')}
          aria-label={t('dead.consumer')}
          data={[...new Set(consumers)].sort()}
          value={consumer}
          onChange={setConsumer}
        />
        {manages && selection.length > 0 && (
          <Group gap="sm">
            <Button
              leftSection={<IconRefresh size={18} />}
              loading={retry.isPending}
              onClick={() => retry.mutate(selection)}
            >
              {t('dead.retryMany', { count: selection.length })}
            </Button>
            <Button
              variant="light"
              color="red"
              leftSection={<IconTrash size={18} />}
              onClick={() => setDiscarding(true)}
            >
              {t('dead.discard')}
            </Button>
          </Group>
        )}
      </Group>
      <Box component="section" className="panel" style={{ overflow: 'hidden' }}>
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isPending && (
          <Box p="md">
            <Waiting rows={5} />
          </Box>
        )}
        {list.data && items.length === 0 && (
          <Empty icon={IconMailCheck} title={t('dead.none')}>
            {t('dead.noneAbout')}
          </Empty>
        )}
        {items.length > 0 && (
          <LetterTable
            items={items}
            picked={picked}
            onPick={setPicked}
            onOpen={setChosen}
            manages={manages}
          />
        )}
      </Box>
      <More query={list} />
      <Drawer
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        position={phone ? 'bottom' : 'right'}
        size={phone ? '90%' : 600}
        radius={phone ? 'lg' : 0}
        title={chosen?.type}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {chosen && (
          <Letter
            consumer={chosen.consumer}
            id={chosen.id}
            manages={manages}
            retrying={retry.isPending}
            onRetry={() => retry.mutate([chosen])}
            onDiscard={() => {
              setPicked(new Set([idOf(chosen)]))
              setDiscarding(true)
            }}
          />
        )}
      </Drawer>
      <Confirm
        opened={discarding}
        title={t('dead.discard')}
        confirm={t('dead.discard')}
        pending={discard.isPending}
        onConfirm={() => discard.mutate(selection)}
        onClose={() => setDiscarding(false)}
      >
        {t('dead.discardAbout', { count: selection.length })}
      </Confirm>
      <Replay opened={replaying} onClose={replay.close} services={map.data ?? []} />
    </Page>
  )
}

async function each(
  letters: readonly DeadLetter[],
  act: (letter: DeadLetter) => Promise<{ count: number }>,
): Promise<number> {
  let done = 0
  for (const letter of letters) done += (await act(letter)).count
  return done
}
