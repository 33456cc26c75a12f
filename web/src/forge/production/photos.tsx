/** Pictures of a quality check: taken with the phone, uploaded, seen. */
import { ActionIcon, Anchor, Button, Group, Loader, Stack, Text } from '@mantine/core'
import { IconCamera, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tellFailure } from '../../parts/actions.ts'
import { forge } from '../api.ts'
import { fileLinkQuery } from '../shop/data.ts'
import { sendFile } from '../shop/tus.ts'
import classes from './board.module.css'

const MOST = 10
const UNUSED_MS = 2 * 86_400_000
const types = ['image/jpeg', 'image/png', 'image/webp']
const NEVER = new AbortController().signal

/** Uploads a picture and resolves to its id. */
async function send(file: File): Promise<string> {
  const { file: made, uploadUrl } = await forge.files.createUpload({
    body: {
      name: file.name || 'photo.jpg',
      size: file.size,
      type: file.type,
      purpose: 'quality',
      // The check keeps it; without one it goes by itself.
      deleteAfter: new Date(Date.now() + UNUSED_MS).toISOString(),
    },
  })
  const { pathname, search } = new URL(uploadUrl, location.href)
  await sendFile({
    url: pathname + search,
    file,
    signal: NEVER,
    onProgress: () => {},
    onWaiting: () => {},
  })
  return made.fileId
}

export function PhotoField({
  photos,
  onChange,
}: {
  photos: readonly string[]
  onChange: (change: (before: readonly string[]) => readonly string[]) => void
}) {
  const { t } = useTranslation()
  const chooser = useRef<HTMLInputElement>(null)
  const [sending, setSending] = useState(0)
  const [refused, setRefused] = useState(false)
  const take = async (files: readonly File[]) => {
    const pictures = files.filter(({ type }) => types.includes(type)).slice(0, MOST - photos.length)
    setRefused(pictures.length < files.length)
    setSending((count) => count + pictures.length)
    for (const picture of pictures) {
      try {
        const fileId = await send(picture)
        onChange((before) => [...before, fileId])
      } catch (error) {
        tellFailure(error)
      } finally {
        setSending((count) => count - 1)
      }
    }
  }
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Button
          variant="default"
          size="md"
          leftSection={<IconCamera size={18} />}
          disabled={photos.length >= MOST}
          onClick={() => chooser.current?.click()}
        >
          {t('production.addPhoto')}
        </Button>
        {sending > 0 && (
          <Group gap={6} role="status">
            <Loader size="xs" />
            <Text size="sm">{t('production.sendingPhotos', { count: sending })}</Text>
          </Group>
        )}
      </Group>
      <input
        ref={chooser}
        type="file"
        hidden
        multiple
        accept={types.join(',')}
        aria-label={t('production.addPhoto')}
        onChange={({ currentTarget }) => {
          void take([...(currentTarget.files ?? [])])
          currentTarget.value = ''
        }}
      />
      {refused && (
        <Text size="sm" role="alert" c="var(--mantine-color-error)">
          {t('production.photosRefused', { count: MOST })}
        </Text>
      )}
      <PhotoList
        photos={photos}
        onRemove={(fileId) => {
          onChange((before) => before.filter((one) => one !== fileId))
          void forge.files.deleteFile({ params: { fileId } }).catch(() => {})
        }}
      />
    </Stack>
  )
}

export function PhotoList({
  photos,
  onRemove,
}: {
  photos: readonly string[]
  onRemove?: (fileId: string) => void
}) {
  const { t } = useTranslation()
  if (photos.length === 0) return null
  return (
    <ul className={classes.photos} aria-label={t('production.photos')}>
      {photos.map((fileId, index) => (
        <li key={fileId} className={classes.photo}>
          <Photo fileId={fileId} name={t('production.photo', { number: index + 1 })} />
          {onRemove && (
            <ActionIcon
              pos="absolute"
              top={4}
              right={4}
              size="md"
              radius="xl"
              variant="default"
              aria-label={t('production.removePhoto', { number: index + 1 })}
              onClick={() => onRemove(fileId)}
            >
              <IconX size={15} />
            </ActionIcon>
          )}
        </li>
      ))}
    </ul>
  )
}

function Photo({ fileId, name }: { fileId: string; name: string }) {
  const link = useQuery(fileLinkQuery(fileId, true))
  if (!link.data) return <Text size="sm">{name}</Text>
  return (
    <Anchor href={link.data} target="_blank" rel="noreferrer">
      <img src={link.data} alt={name} width={96} height={96} />
    </Anchor>
  )
}
