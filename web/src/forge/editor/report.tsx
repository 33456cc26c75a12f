import { Alert, Group, List, Stack, Text, ThemeIcon } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Fact, Facts } from '../../parts/facts.tsx'
import { Section } from '../../parts/page.tsx'
import type { Version } from '../shop/data.ts'
import { number, sizeWords } from '../words.ts'
import type { Report } from './data.ts'

/** What was found of a mesh, in plain words. */
export function ReportSection({
  report,
  warnings,
}: {
  report: Report
  warnings: NonNullable<Version['warnings']>
}) {
  const { t } = useTranslation()
  const more = warnings.filter((code) => !report.problems.some((problem) => problem.code === code))
  return (
    <Section title={t('editor.report.title')}>
      <Stack>
        <Facts>
          <Fact name={t('editor.report.size')}>{sizeWords(report.sizeMm)}</Fact>
          <Fact name={t('editor.report.volume')}>
            {t('editor.report.cm3', { value: number(report.volumeMm3 / 1000, 2) })}
          </Fact>
          <Fact name={t('editor.report.area')}>
            {t('editor.report.cm2', { value: number(report.areaMm2 / 100, 1) })}
          </Fact>
          <Fact name={t('editor.report.triangles')}>{number(report.triangles)}</Fact>
          <Fact name={t('editor.report.shells')}>{number(report.shells)}</Fact>
        </Facts>
        {report.problems.length === 0 && more.length === 0 ? (
          <Group gap="sm" wrap="nowrap" align="flex-start">
            <ThemeIcon variant="light" color="green" radius="xl">
              <IconCircleCheck size={18} />
            </ThemeIcon>
            <Text size="sm">{t('editor.report.fine')}</Text>
          </Group>
        ) : (
          <Alert
            color="yellow"
            icon={<IconAlertTriangle size={20} />}
            title={t(report.watertight ? 'editor.report.some' : 'editor.report.open')}
          >
            <List size="sm" spacing={6}>
              {report.problems.map(({ code, count }) => (
                <List.Item key={code}>
                  <strong>{t(`editor.problem.${code}`, { count })}</strong> {t(`editor.problemAbout.${code}`)}
                </List.Item>
              ))}
              {more.map((code) => (
                <List.Item key={code}>{t(`editor.problemAbout.${code}`)}</List.Item>
              ))}
            </List>
          </Alert>
        )}
      </Stack>
    </Section>
  )
}
