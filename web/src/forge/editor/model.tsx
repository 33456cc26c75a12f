import { Alert, Anchor, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconArrowLeft, IconCubeOff, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { isProblem } from '../../parts/problem.ts'
import { Empty, Failed, Waiting } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import { bookQuery, modelsKey, type PrintOptions, stateColors, useCart } from '../shop/data.ts'
import { Buy } from './buy.tsx'
import { firstOptions } from './choices.ts'
import { type OpenedModel, useModel, useVersion } from './data.ts'
import { useMesh } from './mesh.ts'
import classes from './model.module.css'
import { Placement, type Placing, usePlaced } from './placement.tsx'
import { Progress } from './progress.tsx'
import { Repair } from './repair.tsx'
import { ReportSection } from './report.tsx'
import { UnitQuestion } from './unit.tsx'
import { ViewerPanel } from './viewer-panel.tsx'

const route = getRouteApi('/app/forge/models/$modelId')

/** One model: what it looks like, what is wrong with it, how it is to be made and what that costs. */
export function ModelPage() {
  const { t } = useTranslation()
  const { modelId } = route.useParams()
  const model = useModel(modelId)
  if (isProblem(model.error, 'notFound'))
    return (
      <Page wide title={t('editor.gone')}>
        <Section>
          <Empty icon={IconCubeOff} title={t('editor.gone')} action={<Back />}>
            {t('editor.goneAbout')}
          </Empty>
        </Section>
      </Page>
    )
  if (!model.data)
    return (
      <Page wide title={t('editor.title')}>
        {model.isError ? (
          <Failed error={model.error} retry={() => void model.refetch()} />
        ) : (
          <Waiting rows={5} height={80} />
        )}
      </Page>
    )
  return <Opened key={modelId} model={model.data} />
}

function Back() {
  const { t } = useTranslation()
  return (
    <Anchor renderRoot={(props) => <Link to="/forge/models" {...props} />}>
      <Group gap={6} component="span">
        <IconArrowLeft size={16} aria-hidden />
        {t('editor.all')}
      </Group>
    </Anchor>
  )
}

function Opened({ model }: { model: OpenedModel }) {
  const { t } = useTranslation()
  const { latest } = model
  const whole = useVersion(model.modelId, latest).data ?? latest
  const [repaired, setRepaired] = useState(true)
  const repair = latest.state === 'needsRepair' ? whole.repair : undefined
  const showsRepaired = repair !== undefined && repaired
  const fileId = showsRepaired ? repair.fileId : whole.fileId
  const report = showsRepaired ? repair.report : whole.report
  const { mesh, triangles } = useMesh(latest.state === 'processing' ? undefined : fileId)
  const [placing, setPlacing] = useState<Placing>()
  const placed = usePlaced(triangles.data, placing)
  const book = useQuery(bookQuery).data
  const cart = useCart().data
  const [chosen, setChosen] = useState<PrintOptions>()
  const options = chosen ?? firstOptions(model, cart, book?.book)
  const technology = book?.book.technologies.find(({ id }) => id === options?.technology)
  const color = book?.book.materials
    .find(({ id }) => id === options?.material)
    ?.colors.find(({ id }) => id === options?.color)?.hex
  return (
    <Page
      wide
      title={model.name}
      actions={
        <>
          <Badge color={stateColors[latest.state]} size="lg">
            {t(`shop.modelState.${latest.state}`)}
          </Badge>
          <Remove model={model} />
        </>
      }
    >
      <Back />
      <div className={classes.columns} data-alone={(!fileId && !report) || undefined}>
        {fileId && (
          <div className={classes.view}>
            <ViewerPanel
              name={model.name}
              triangles={placed}
              failed={triangles.isError ? triangles.error : undefined}
              report={placing ? undefined : report}
              color={latest.state === 'ready' ? color : undefined}
              plate={technology?.maxSizeMm}
              thumbnailFileId={latest.thumbnailFileId}
            />
          </div>
        )}
        <Stack gap="lg" className={classes.choice}>
          {latest.state === 'processing' && <Progress stage={latest.stage} />}
          {latest.state === 'needsUnits' && <UnitQuestion model={model} />}
          {repair && <Repair model={model} version={whole} repaired={repaired} onRepaired={setRepaired} />}
          {latest.state === 'rejected' && <Rejected model={model} />}
          {latest.state === 'ready' && options && book && (
            <Buy
              model={model}
              book={book.book}
              mesh={mesh}
              options={options}
              onOptions={setChosen}
              cart={cart}
              unplaced={placing !== undefined}
            />
          )}
          {latest.state === 'ready' && !book && <NoBook />}
        </Stack>
        <Stack gap="lg" className={classes.more}>
          {latest.state === 'ready' && (
            <Placement model={model} options={options} placing={placing} onPlacing={setPlacing} />
          )}
          {report && <ReportSection report={report} warnings={latest.warnings ?? []} />}
        </Stack>
      </div>
    </Page>
  )
}

/** A shop without a price book offers nothing; that is for its administrator to mend. */
function NoBook() {
  const { t } = useTranslation()
  const book = useQuery(bookQuery)
  if (book.isPending) return <Waiting rows={4} height={60} />
  return (
    <Alert color="yellow" icon={<IconAlertTriangle size={20} />} title={t('editor.noBook')}>
      <Stack gap="sm" align="flex-start">
        {t('editor.noBookAbout')}
        <Button size="xs" variant="default" onClick={() => void book.refetch()}>
          {t('state.retry')}
        </Button>
      </Stack>
    </Alert>
  )
}

function Rejected({ model }: { model: OpenedModel }) {
  const { t, i18n } = useTranslation()
  return (
    <Section title={t('editor.rejected')}>
      <Stack gap="sm">
        {(model.latest.reasons ?? []).map(({ code, detail }) => (
          <Alert
            key={code}
            color="red"
            icon={<IconAlertTriangle size={20} />}
            title={t(`editor.reason.${code}`)}
          >
            <Text size="sm">{t(`editor.reasonAbout.${code}`)}</Text>
            {i18n.language === 'en' && (
              <Text size="sm" c="dimmed" mt={4}>
                {detail}
              </Text>
            )}
          </Alert>
        ))}
        <Button renderRoot={(props) => <Link to="/forge/models" {...props} />}>
          {t('editor.uploadAgain')}
        </Button>
      </Stack>
    </Section>
  )
}

function Remove({ model }: { model: OpenedModel }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  const remove = useAction({
    run: () => forge.editor.deleteModel({ params: { modelId: model.modelId } }),
    done: t('editor.removed'),
    refresh: [modelsKey],
    onDone: () => void navigate({ to: '/forge/models' }),
  })
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconTrash size={17} />}
        loading={remove.isPending}
        onClick={() => setAsking(true)}
      >
        {t('editor.remove')}
      </Button>
      <Confirm
        opened={asking}
        title={t('editor.remove')}
        confirm={t('editor.remove')}
        pending={remove.isPending}
        onConfirm={() => {
          setAsking(false)
          remove.mutate()
        }}
        onClose={() => setAsking(false)}
      >
        {t('editor.removeAbout', { name: model.name })}
      </Confirm>
    </>
  )
}
