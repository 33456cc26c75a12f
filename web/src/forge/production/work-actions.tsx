import { Button, Menu, Modal, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ProblemError } from '@pleiad/platform/client'
import {
  IconArrowBackUp,
  IconCheck,
  IconHandGrab,
  IconPlayerPause,
  IconPlayerPlay,
  IconTrashX,
  IconUserShare,
} from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tellFailure, useAction } from '../../parts/actions.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { ItemMenu } from '../../parts/item-menu.tsx'
import { isProblem } from '../../parts/problem.ts'
import { forge } from '../api.ts'
import { AssignForm } from './assign-form.tsx'
import classes from './board.module.css'
import type { ColumnName } from './columns.ts'
import { productionKey, useViewer, type Work } from './data.ts'
import { StartForm } from './start-form.tsx'
import { PauseForm, ScrapForm } from './stop-forms.tsx'

type Dialog = 'start' | 'pause' | 'scrap' | 'assign' | 'finish'

/** What the viewer can do with a work: the next step large, the others beside it or behind the menu. */
export function WorkActions({
  work,
  onMove,
}: {
  work: Work
  /** It is in another group now; with `column`, look there. */
  onMove: (column?: ColumnName) => void
}) {
  const { t } = useTranslation()
  const { operator, assigns } = useViewer()
  const [dialog, setDialog] = useState<Dialog>()
  const close = () => setDialog(undefined)
  const steps = useSteps(work, onMove)
  const { state } = work
  const moves = assigns || (operator !== undefined && work.operatorId === operator.operatorId)
  const what = `${work.quantity} × ${work.name}`
  // A picked work needs no machine, so there is nothing to choose.
  const begin = () => (work.technique === 'pick' ? steps.begin.mutate() : setDialog('start'))
  return (
    <div className={classes.buttons}>
      {state === 'free' && operator?.active && (
        <Button
          leftSection={<IconHandGrab size={18} />}
          loading={steps.claim.isPending}
          disabled={!operator.skills.includes(work.technique)}
          onClick={() => steps.claim.mutate()}
        >
          {operator.skills.includes(work.technique)
            ? t('production.claim')
            : t('production.needsSkill', { technique: t(`production.techniqueShort.${work.technique}`) })}
        </Button>
      )}
      {state === 'free' && assigns && (
        <Button
          variant="default"
          leftSection={<IconUserShare size={18} />}
          onClick={() => setDialog('assign')}
        >
          {t('production.assign')}
        </Button>
      )}
      {moves && (state === 'claimed' || state === 'paused') && (
        <Button leftSection={<IconPlayerPlay size={18} />} loading={steps.begin.isPending} onClick={begin}>
          {t(state === 'paused' ? 'production.resume' : 'production.start')}
        </Button>
      )}
      {moves && state === 'started' && (
        <>
          <Button leftSection={<IconCheck size={18} />} onClick={() => setDialog('finish')}>
            {t('production.finish')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconPlayerPause size={18} />}
            onClick={() => setDialog('pause')}
          >
            {t('production.pause')}
          </Button>
        </>
      )}
      {moves && state !== 'free' && (
        <ItemMenu label={t('production.more', { what })}>
          {(state === 'started' || state === 'paused') && work.scrapped < work.quantity && (
            <Menu.Item leftSection={<IconTrashX size={16} />} onClick={() => setDialog('scrap')}>
              {t('production.scrap')}
            </Menu.Item>
          )}
          {assigns && state !== 'started' && (
            <Menu.Item leftSection={<IconUserShare size={16} />} onClick={() => setDialog('assign')}>
              {t('production.assign')}
            </Menu.Item>
          )}
          {state !== 'started' && (
            <Menu.Item leftSection={<IconArrowBackUp size={16} />} onClick={() => steps.release.mutate()}>
              {t('production.release')}
            </Menu.Item>
          )}
          {state === 'started' && work.scrapped >= work.quantity && (
            <Menu.Item disabled>{t('production.allScrapped')}</Menu.Item>
          )}
        </ItemMenu>
      )}
      <Confirm
        opened={dialog === 'finish'}
        title={t('production.finishTitle')}
        confirm={t('production.finish')}
        danger={false}
        pending={steps.finish.isPending}
        onConfirm={() => steps.finish.mutate(undefined, { onSettled: close })}
        onClose={close}
      >
        {t('production.finishAbout', { what })}
      </Confirm>
      <Modal
        opened={dialog !== undefined && dialog !== 'finish'}
        onClose={close}
        title={dialog && dialog !== 'finish' ? t(`production.title.${dialog}`) : ''}
        closeButtonProps={{ 'aria-label': t('action.close') }}
        classNames={{ body: classes.dialog! }}
      >
        <Text size="sm" c="dimmed" mb="md" className="wrap-anywhere">
          {work.orderNumber} · {what}
        </Text>
        {dialog === 'start' && <StartForm work={work} onClose={close} onDone={onMove} />}
        {dialog === 'pause' && <PauseForm work={work} onClose={close} onDone={onMove} />}
        {dialog === 'scrap' && <ScrapForm work={work} onClose={close} />}
        {dialog === 'assign' && <AssignForm work={work} onClose={close} />}
      </Modal>
    </div>
  )
}

/** The steps that need no form. */
function useSteps({ workId, state }: Work, onMove: (column?: ColumnName) => void) {
  const { t } = useTranslation()
  const of = { params: { workId }, body: {} }
  const refresh = [productionKey]
  return {
    claim: useAction({
      run: () => forge.operators.claimWork(of),
      done: t('production.claimed'),
      refresh,
      onDone: () => onMove('making'),
      onFail: takenWords,
    }),
    release: useAction({
      run: () => forge.operators.releaseWork(of),
      done: t('production.released'),
      refresh,
      onDone: () => onMove(),
    }),
    begin: useAction({
      run: () => (state === 'paused' ? forge.operators.resumeWork(of) : forge.operators.startWork(of)),
      done: t('production.started'),
      refresh,
      onDone: () => onMove(),
    }),
    finish: useAction({
      run: () => forge.operators.finishWork(of),
      done: t('production.finished'),
      refresh,
    }),
  }

  /** Of two who claim at once one is told who was faster. */
  function takenWords(error: unknown): boolean {
    if (!isProblem(error, 'workTaken')) return false
    const name = error instanceof ProblemError && String(error.problem['operatorName'] ?? '')
    if (!name) tellFailure(error)
    else
      notifications.show({
        color: 'yellow',
        message: t('production.takenBy', { name }),
        withBorder: true,
        closeButtonProps: { 'aria-label': t('action.close') },
      })
    return true
  }
}
