import { Button, Group, Select, Text } from '@mantine/core'
import { useDebouncedValue, useDisclosure } from '@mantine/hooks'
import { IconHistory, IconMailCheck, IconRefresh, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useMay } from '../me.ts'
import { useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { useList } from '../parts/list.ts'
import { ListPanel } from '../parts/list-panel.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { SidePanel } from '../parts/side-panel.tsx'
import { Empty } from '../parts/states.tsx'
import { Letter } from './dead-letter.tsx'
import { LetterTable } from './letter-table.tsx'
import { type DeadLetter, filtersOf, idOf, type LetterFilter, type Picked, settleAll } from './letters.ts'
import { lettersKey, loadMap, mapKey } from './operations.ts'
import { Replay } from './replay.tsx'

const nothing: Picked = new Set()

/** Events whose handler gave up: look, mend, retry or give them up. */
export function DeadLetters() {
  const { t } = useTranslation()
  const may = useMay()
  const manages = may('operations:manage')
  const [consumer, setConsumer] = useState<string | null>(null)
  const [typed, setTyped] = useState('')
  const [error] = useDebouncedValue(typed.trim(), 250)
  const [picked, setPicked] = useState<Picked>(nothing)
  const [chosen, setChosen] = useState<DeadLetter>()
  const [discarding, setDiscarding] = useState<Picked>()
  const [progress, setProgress] = useState<{ done: number; all: number }>()
  const [replaying, replay] = useDisclosure()
  const map = useQuery({ queryKey: mapKey, queryFn: ({ signal }) => loadMap(signal), staleTime: 60_000 })
  const filter: LetterFilter = { ...(consumer ? { consumer } : {}), ...(error ? { error } : {}) }
  const list = useList({
    queryKey: [...lettersKey, filter],
    load: (cursor, signal) => api.operations.listDeadLetters({ query: { ...filter, ...cursor }, signal }),
    every: 10_000,
  })
  const services = map.data ?? []
  const consumers = services.flatMap(({ facts, stats }) => [
    ...facts.handles.map((handle) => handle.consumer),
    ...stats.inbox.filter((row) => row.dead > 0).map((row) => row.consumer),
  ])
  const count = picked === 'all' ? list.items.length : picked.size
  const narrow = (change: () => void) => {
    change()
    setPicked(nothing)
  }
  const clear = () =>
    narrow(() => {
      setConsumer(null)
      setTyped('')
    })
  const act = (settle: typeof api.operations.retryDeadLetters) => async (which: Picked) => {
    const names = services.map(({ facts }) => facts.name)
    let before = 0
    for (const part of filtersOf(which, list.items, filter, names))
      before += await settleAll(
        (cursor) => settle({ body: { ...part, ...cursor } }),
        (done, all) => which === 'all' && setProgress({ done: before + done, all: before + all }),
      )
    return before
  }
  const after = {
    refresh: [lettersKey, mapKey],
    onDone: () => {
      setPicked(nothing)
      setChosen(undefined)
      setDiscarding(undefined)
      setProgress(undefined)
    },
  }
  const retry = useAction({
    run: act(api.operations.retryDeadLetters),
    done: (settled) => t('dead.retried', { count: settled }),
    ...after,
  })
  const discard = useAction({
    run: act(api.operations.discardDeadLetters),
    done: (settled) => t('dead.discarded', { count: settled }),
    ...after,
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
      <Group gap="sm">
        <SearchField
          label={t('dead.errorText')}
          value={typed}
          onChange={(text) => narrow(() => setTyped(text))}
        />
        <Select
          w={260}
          clearable
          searchable
          placeholder={t('dead.anyConsumer')}
          aria-label={t('dead.consumer')}
          data={[...new Set(consumers)].sort()}
          value={consumer}
          onChange={(value) => narrow(() => setConsumer(value))}
        />
        {manages && count > 0 && (
          <Group gap="sm" ml="auto">
            {progress && (
              <Text size="sm" c="dimmed" className="numbers" role="status">
                {t('dead.progress', progress)}
              </Text>
            )}
            <Button
              leftSection={<IconRefresh size={18} />}
              loading={retry.isPending}
              onClick={() => retry.mutate(picked)}
            >
              {picked === 'all' ? t('dead.retryAll') : t('dead.retryMany', { count })}
            </Button>
            <Button
              variant="light"
              color="red"
              leftSection={<IconTrash size={18} />}
              onClick={() => setDiscarding(picked)}
            >
              {t(picked === 'all' ? 'dead.discardAll' : 'dead.discard')}
            </Button>
          </Group>
        )}
      </Group>
      <ListPanel
        list={list}
        empty={
          <Empty
            icon={IconMailCheck}
            title={t('dead.none')}
            action={
              Object.keys(filter).length > 0 && (
                <Button variant="default" onClick={clear}>
                  {t('state.clearFilters')}
                </Button>
              )
            }
          >
            {t('dead.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <LetterTable
            items={items}
            picked={picked}
            onPick={setPicked}
            onOpen={setChosen}
            manages={manages}
          />
        )}
      </ListPanel>
      <SidePanel
        opened={chosen !== undefined}
        title={chosen?.type}
        size={600}
        onClose={() => setChosen(undefined)}
      >
        {chosen && (
          <Letter
            consumer={chosen.consumer}
            id={chosen.id}
            manages={manages}
            retrying={retry.isPending}
            onRetry={() => retry.mutate(new Set([idOf(chosen)]))}
            onDiscard={() => setDiscarding(new Set([idOf(chosen)]))}
          />
        )}
      </SidePanel>
      <Confirm
        opened={discarding !== undefined}
        title={t(discarding === 'all' ? 'dead.discardAll' : 'dead.discard')}
        confirm={t(discarding === 'all' ? 'dead.discardAll' : 'dead.discard')}
        pending={discard.isPending}
        onConfirm={() => discarding && discard.mutate(discarding)}
        onClose={() => setDiscarding(undefined)}
      >
        {discarding === 'all'
          ? t('dead.discardAllAbout')
          : t('dead.discardAbout', { count: discarding?.size ?? 0 })}
      </Confirm>
      <Replay opened={replaying} onClose={replay.close} services={map.data ?? []} />
    </Page>
  )
}
