import { Button, Group, Select, Stack, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../parts/actions.ts'
import { Secret } from '../parts/secret.tsx'

/** How long the secret until now works on, in seconds. */
const overlaps = { now: 0, hour: 3600, day: 86_400, week: 604_800 } as const

/** Asks how long the old secret shall work on, then shows the new one. */
export function Rotate({
  about,
  confirm,
  run,
  refresh,
  onClose,
}: {
  about: ReactNode
  confirm: string
  run: (overlapSeconds: number) => Promise<{ readonly secret: string }>
  refresh: readonly unknown[]
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [secret, setSecret] = useState<string>()
  const [overlap, setOverlap] = useState(String(overlaps.day))
  const rotate = useAction({
    run: () => run(Number(overlap)),
    refresh: [refresh],
    onDone: (made) => setSecret(made.secret),
  })
  if (secret !== undefined) return <Secret secret={secret} onClose={onClose} />
  return (
    <Stack>
      <Text size="sm">{about}</Text>
      <Select
        label={t('atlas.keys.overlap')}
        allowDeselect={false}
        data={Object.entries(overlaps).map(([name, seconds]) => ({
          value: String(seconds),
          label: t(`atlas.overlap.${name as keyof typeof overlaps}`),
        }))}
        value={overlap}
        onChange={(value) => setOverlap(value ?? '0')}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
          {confirm}
        </Button>
      </Group>
    </Stack>
  )
}
