import { Badge, Radio, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { Loaded } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { forge } from '../api.ts'
import classes from './board.module.css'
import { fitOf } from './columns.ts'
import { type Machine, machinesQuery, productionKey, type Work } from './data.ts'

/** Chooses the machine on which a work begins or goes on. */
export function StartForm({
  work,
  onClose,
  onDone,
}: {
  work: Work
  onClose: () => void
  onDone: () => void
}) {
  const machines = useQuery(machinesQuery)
  return (
    <Loaded query={machines}>
      {(items) => <Choice work={work} machines={items} onClose={onClose} onDone={onDone} />}
    </Loaded>
  )
}

function Choice({
  work,
  machines,
  onClose,
  onDone,
}: {
  work: Work
  machines: readonly Machine[]
  onClose: () => void
  onDone: () => void
}) {
  const { t } = useTranslation()
  const fitting = machines.flatMap((machine) => {
    const fit = fitOf(work, machine)
    return fit ? [{ machine, fit }] : []
  })
  const free = fitting.filter(({ fit }) => fit === 'fits').map(({ machine }) => machine.machineId)
  const [chosen, setChosen] = useState(
    work.machineId && free.includes(work.machineId) ? work.machineId : free[0],
  )
  const params = { workId: work.workId }
  const start = useAction({
    run: (machineId: string) =>
      work.state === 'paused'
        ? forge.operators.resumeWork({ params, body: { machineId } })
        : forge.operators.startWork({ params, body: { machineId } }),
    done: t('production.started'),
    refresh: [productionKey],
    onDone: () => {
      onDone()
      onClose()
    },
  })
  // What was chosen may have been taken meanwhile; the list is live.
  const possible = chosen !== undefined && free.includes(chosen)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (possible) start.mutate(chosen)
      }}
    >
      <Stack>
        {fitting.length === 0 ? (
          <Text size="sm">
            {t('production.noMachine', { technique: t(`production.techniqueShort.${work.technique}`) })}
          </Text>
        ) : (
          <Radio.Group label={t('production.machine')} value={chosen ?? null} onChange={setChosen}>
            <Stack gap="xs" mt={4}>
              {fitting.map(({ machine, fit }) => (
                <Radio.Card
                  key={machine.machineId}
                  value={machine.machineId}
                  disabled={fit !== 'fits'}
                  className={classes.choice!}
                >
                  <Radio.Indicator disabled={fit !== 'fits'} />
                  <Stack gap={2} flex={1} miw={0}>
                    <Text fw={600} className="wrap-anywhere">
                      {machine.name}
                    </Text>
                    <Text size="sm" c="dimmed" component="div">
                      {t(`production.fit.${fit}`)}
                      {fit === 'busy' && machine.work?.endsAt && (
                        <>
                          {' · '}
                          <When time={machine.work.endsAt} />
                        </>
                      )}
                      {fit === 'down' && machine.reason && ` · ${machine.reason}`}
                    </Text>
                  </Stack>
                  {work.machineId === machine.machineId && <Badge>{t('production.before')}</Badge>}
                </Radio.Card>
              ))}
            </Stack>
          </Radio.Group>
        )}
        <FormButtons
          submit={t(work.state === 'paused' ? 'production.resume' : 'production.start')}
          pending={start.isPending}
          disabled={!possible}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}
