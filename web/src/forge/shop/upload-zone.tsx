import {
  ActionIcon,
  Anchor,
  Badge,
  Box,
  Button,
  Group,
  Progress,
  Stack,
  Text,
  ThemeIcon,
} from '@mantine/core'
import { IconCloudUpload, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type DragEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isProblem, useProblemWords } from '../../parts/problem.ts'
import { forge } from '../api.ts'
import { useModel } from '../editor/data.ts'
import { anyOf, bytes } from '../words.ts'
import { intakeQuery, stateColors } from './data.ts'
import { UploadGone } from './tus.ts'
import classes from './upload-zone.module.css'
import {
  dropUpload,
  endingsOf,
  isModelFile,
  pauseUpload,
  resumeUpload,
  type Upload,
  upload,
  useUploads,
} from './uploads.ts'

/** Takes files by dropping or choosing, and shows how far each is. */
export function UploadZone() {
  const { t } = useTranslation()
  const chooser = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [refused, setRefused] = useState<readonly string[]>([])
  const uploads = useUploads()
  const { data: intake } = useQuery(intakeQuery)
  const taken = intake && {
    formats: anyOf(intake.formats.map((format) => format.toUpperCase())),
    size: bytes(intake.maxMb * 1_000_000),
  }
  const take = (files: FileList | null) => {
    const all = [...(files ?? [])]
    setRefused(all.filter((file) => !isModelFile(file, intake)).map(({ name }) => name))
    for (const file of all) if (isModelFile(file, intake)) upload(file)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    take(event.dataTransfer.files)
  }
  return (
    <Stack gap="sm">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way, the button inside is the other. */}
      <div
        className={classes.zone}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <ThemeIcon size={52} radius="xl" variant="light">
          <IconCloudUpload size={28} stroke={1.6} />
        </ThemeIcon>
        <Box>
          <Text fw={600}>{t('shop.upload.drop')}</Text>
          <Text size="sm" c="dimmed">
            {taken ? t('shop.upload.formats', taken) : '\u00a0'}
          </Text>
        </Box>
        <Button onClick={() => chooser.current?.click()}>{t('shop.upload.choose')}</Button>
        <input
          ref={chooser}
          type="file"
          hidden
          multiple
          accept={endingsOf(intake).join(',')}
          aria-label={t('shop.upload.choose')}
          onChange={(event) => {
            take(event.currentTarget.files)
            event.currentTarget.value = ''
          }}
        />
      </div>
      {refused.length > 0 && (
        <Text role="alert" size="sm" c="var(--mantine-color-error)">
          {t('shop.upload.notRead', { names: refused.join(', ') })}
        </Text>
      )}
      <Unfinished known={uploads} />
      {uploads.length > 0 && (
        <ul className={classes.list} aria-label={t('shop.upload.list')}>
          {uploads.map((one) => (
            <UploadRow key={one.id} upload={one} />
          ))}
        </ul>
      )}
    </Stack>
  )
}

/** What a closed tab or another device left behind: it goes on when the same file is chosen again. */
function Unfinished({ known }: { known: readonly Upload[] }) {
  const { t } = useTranslation()
  const left = useQuery({
    queryKey: ['forge', 'unfinished'],
    queryFn: ({ signal }) =>
      forge.files.listFiles({ query: { purpose: 'model', state: 'uploading', limit: 10 }, signal }),
  })
  const others = (left.data?.items ?? []).filter(
    (file) => !known.some((one) => one.name === file.name && one.size === file.size),
  )
  if (others.length === 0) return null
  return (
    <Text size="sm" c="dimmed">
      {t('shop.upload.unfinished')} {others.map((file) => `${file.name} (${bytes(file.size)})`).join(', ')}
    </Text>
  )
}

function UploadRow({ upload: { id, name, size, sent, state, modelId, error } }: { upload: Upload }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const share = size === 0 ? 0 : Math.floor((sent / size) * 100)
  const busy = state === 'sending' || state === 'waiting'
  const trouble = error instanceof UploadGone ? t('shop.upload.gone') : error ? words(error).title : ''
  return (
    <li className={`panel ${classes.row}`}>
      <Stack gap={6} flex={1} miw={0}>
        <Group justify="space-between" gap="sm" wrap="nowrap">
          <Text fw={560} size="sm" truncate title={name}>
            {name}
          </Text>
          <Text size="sm" c="dimmed" className="numbers" style={{ flex: 'none' }}>
            {state === 'sending' || state === 'paused'
              ? t('shop.upload.progress', { sent: bytes(sent), size: bytes(size) })
              : bytes(size)}
          </Text>
        </Group>
        {state !== 'done' && state !== 'failed' && (
          <Progress.Root size="sm">
            <Progress.Section
              value={state === 'making' ? 100 : share}
              animated={state === 'making'}
              color={state === 'waiting' ? 'yellow' : 'iris'}
              aria-label={name}
            />
          </Progress.Root>
        )}
        {state === 'done' && modelId ? (
          <Became modelId={modelId} />
        ) : (
          <Text size="sm" role="status" c={state === 'failed' ? 'var(--mantine-color-error)' : 'dimmed'}>
            {t(`shop.upload.state.${state}`)} {trouble}
          </Text>
        )}
      </Stack>
      {state === 'done' && modelId && (
        <Anchor renderRoot={(props) => <Link to="/forge/models/$modelId" params={{ modelId }} {...props} />}>
          {t('shop.upload.open')}
        </Anchor>
      )}
      {busy && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t('shop.upload.pause', { name })}
          onClick={() => pauseUpload(id)}
        >
          <IconPlayerPause size={18} />
        </ActionIcon>
      )}
      {(state === 'paused' || (state === 'failed' && !isProblem(error, 'fileEmpty'))) && (
        <ActionIcon
          variant="subtle"
          size="lg"
          aria-label={t('shop.upload.resume', { name })}
          onClick={() => resumeUpload(id)}
        >
          <IconPlayerPlay size={18} />
        </ActionIcon>
      )}
      {state !== 'making' && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t(state === 'done' ? 'shop.upload.hide' : 'shop.upload.giveUp', { name })}
          onClick={() => dropUpload(id)}
        >
          <IconX size={18} />
        </ActionIcon>
      )}
    </li>
  )
}

/** What the uploaded file turned out to be, live: who drops a picture by mistake reads it here. */
function Became({ modelId }: { modelId: string }) {
  const { t } = useTranslation()
  const latest = useModel(modelId).data?.latest
  const reason = latest?.state === 'rejected' ? latest.reasons?.[0]?.code : undefined
  return (
    <Stack gap={2} role="status" align="flex-start">
      <Badge color={latest ? stateColors[latest.state] : 'gray'}>
        {t(latest ? `shop.modelState.${latest.state}` : 'shop.upload.state.done')}
      </Badge>
      {reason && (
        <Text size="sm" c="var(--mantine-color-error)">
          {t(`editor.reason.${reason}`)}. {t(`editor.reasonAbout.${reason}`)}
        </Text>
      )}
    </Stack>
  )
}
