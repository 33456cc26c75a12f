import { ActionIcon, Button, Group, Input, Stack, Text } from '@mantine/core'
import { IconPhotoPlus, IconX } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { forge } from '../api.ts'
import { ItemPicture, Picture } from '../shop/picture.tsx'
import { sendFile } from '../shop/tus.ts'
import own from './office.module.css'

const types = 'image/png,image/jpeg,image/webp'
const MOST = 10
const DAY_MS = 86_400_000

/** Sends a picture. It goes after a day unless an item is saved with it. */
async function sendPicture(file: File, signal: AbortSignal): Promise<string> {
  const begun = await forge.files.createUpload({
    body: {
      name: file.name,
      size: file.size,
      purpose: 'item-picture',
      deleteAfter: new Date(Date.now() + DAY_MS).toISOString(),
    },
  })
  const { pathname, search } = new URL(begun.uploadUrl, location.href)
  await sendFile({
    url: pathname + search,
    file,
    signal,
    onProgress: () => undefined,
    onWaiting: () => undefined,
  })
  return begun.file.fileId
}

/** The pictures of an item, the first is the main one; `known` are those it has been saved with. */
export function ItemPictures({
  pictures,
  known,
  error,
  onChange,
  onUploading,
}: {
  pictures: readonly string[]
  known: readonly string[]
  error: ReactNode
  onChange: (pictures: readonly string[]) => void
  onUploading: (uploading: boolean) => void
}) {
  const { t } = useTranslation()
  const chooser = useRef<HTMLInputElement>(null)
  const left = useRef(new AbortController())
  useEffect(() => {
    const { current } = left
    return () => current.abort()
  }, [])
  const send = useAction({
    run: async (chosen: readonly File[]) => {
      onUploading(true)
      try {
        const sent: string[] = []
        for (const file of chosen) sent.push(await sendPicture(file, left.current.signal))
        return sent
      } finally {
        onUploading(false)
      }
    },
    onDone: (sent) => onChange([...pictures, ...sent].slice(0, MOST)),
    onFail: () => left.current.signal.aborted,
  })
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600} id="item-pictures">
        {t('office.items.pictures')}
      </Text>
      <Text size="sm" c="dimmed">
        {t('office.items.picturesAbout', { most: MOST })}
      </Text>
      <ul className={own.pictures} aria-labelledby="item-pictures">
        {pictures.map((fileId, i) => (
          <li key={fileId}>
            {known.includes(fileId) ? (
              <ItemPicture fileId={fileId} size={88} />
            ) : (
              <Picture fileId={fileId} size={88} />
            )}
            <ActionIcon
              className={own.off!}
              variant="filled"
              color="gray"
              size="sm"
              radius="xl"
              aria-label={t('office.items.pictureOff', { number: i + 1 })}
              onClick={() => onChange(pictures.filter((one) => one !== fileId))}
            >
              <IconX size={14} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {error && <Input.Error>{error}</Input.Error>}
      <Group>
        <Button
          variant="default"
          leftSection={<IconPhotoPlus size={17} />}
          loading={send.isPending}
          disabled={pictures.length >= MOST}
          onClick={() => chooser.current?.click()}
        >
          {t('office.items.pictureAdd')}
        </Button>
      </Group>
      <input
        ref={chooser}
        type="file"
        hidden
        multiple
        accept={types}
        aria-label={t('office.items.pictureAdd')}
        onChange={({ currentTarget }) => {
          const chosen = [...(currentTarget.files ?? [])]
          currentTarget.value = ''
          if (chosen.length > 0) send.mutate(chosen)
        }}
      />
    </Stack>
  )
}
