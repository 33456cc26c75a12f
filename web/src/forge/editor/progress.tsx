import { Group, Loader, Stack, Text, ThemeIcon } from '@mantine/core'
import { IconCheck, IconPointFilled } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Section } from '../../parts/page.tsx'
import type { Version } from '../shop/data.ts'

const stages = ['waiting', 'reading', 'checking', 'repairing', 'storing'] as const

/** How far the work on a model is. */
export function Progress({ stage = 'waiting' }: { stage: Version['stage'] }) {
  const { t } = useTranslation()
  const at = stages.indexOf(stage)
  return (
    <Section title={t('editor.working')} about={t('editor.workingAbout')}>
      <Stack gap="xs" role="status" aria-label={t(`editor.stage.${stage}`)}>
        {stages.map((name, i) => (
          <Group key={name} gap="sm" wrap="nowrap">
            {i === at ? (
              <Loader size={20} aria-hidden />
            ) : (
              <ThemeIcon size={20} radius="xl" variant="light" color={i < at ? 'green' : 'gray'}>
                {i < at ? <IconCheck size={13} /> : <IconPointFilled size={10} />}
              </ThemeIcon>
            )}
            <Text size="sm" c={i === at ? undefined : 'dimmed'} fw={i === at ? 560 : undefined}>
              {t(`editor.stage.${name}`)}
            </Text>
          </Group>
        ))}
      </Stack>
    </Section>
  )
}
