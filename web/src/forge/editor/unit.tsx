import { Button, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Section } from '../../parts/page.tsx'
import { forge } from '../api.ts'
import { modelsKey } from '../shop/data.ts'
import { sizeWords } from '../words.ts'
import type { OpenedModel } from './data.ts'

const inMm = { micron: 0.001, mm: 1, cm: 10, m: 1000, in: 25.4, ft: 304.8 } as const
type Unit = keyof typeof inMm
const usual: readonly Unit[] = ['mm', 'cm', 'in', 'm']

/** The file does not say how large it is: each unit with the size the part would have. */
export function UnitQuestion({ model: { modelId, latest } }: { model: OpenedModel }) {
  const { t } = useTranslation()
  const likely = latest.unit ?? 'mm'
  const [unit, setUnit] = useState<Unit>(likely)
  const choose = useAction({
    run: () => forge.editor.setUnit({ params: { modelId, version: latest.version }, body: { unit } }),
    refresh: [modelsKey],
  })
  const offered = usual.includes(likely) ? usual : [...usual, likely]
  // The report, where there is one, is in millimetres of the likely unit.
  const sizeIn = (one: Unit) => {
    const size = latest.report?.sizeMm
    const factor = inMm[one] / inMm[likely]
    return size && sizeWords({ x: size.x * factor, y: size.y * factor, z: size.z * factor })
  }
  return (
    <Section title={t('editor.unit.title')} about={t('editor.unit.about')}>
      <Stack>
        <Radio.Group label={t('editor.unit.label')} value={unit} onChange={(value) => setUnit(value as Unit)}>
          <Stack gap="xs" mt="xs">
            {offered.map((one) => (
              <Radio key={one} value={one} label={t(`editor.unit.name.${one}`)} description={sizeIn(one)} />
            ))}
          </Stack>
        </Radio.Group>
        <Text size="sm" c="dimmed">
          {t('editor.unit.likely', { unit: t(`editor.unit.name.${likely}`) })}
        </Text>
        <Button loading={choose.isPending} onClick={() => choose.mutate()}>
          {t('editor.unit.choose')}
        </Button>
      </Stack>
    </Section>
  )
}
