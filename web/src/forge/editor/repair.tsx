import { Button, List, SegmentedControl, Stack, Table, Text } from '@mantine/core'
import { IconWand } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Section } from '../../parts/page.tsx'
import { forge, onceKey } from '../api.ts'
import { modelsKey, type Version } from '../shop/data.ts'
import { number, sizeWords } from '../words.ts'
import type { OpenedModel, Report } from './data.ts'

const changes = [
  'filledHoles',
  'addedFaces',
  'turnedFaces',
  'turnedShells',
  'removedFaces',
  'weldedVertices',
  'closedGaps',
  'splitEdges',
] as const

/** The repair that is offered: what it would change, before it is accepted. */
export function Repair({
  model,
  version,
  repaired,
  onRepaired,
}: {
  model: OpenedModel
  version: Version
  repaired: boolean
  onRepaired: (repaired: boolean) => void
}) {
  const { t } = useTranslation()
  const [key] = useState(onceKey)
  const { repair, report } = version
  const accept = useAction({
    run: () =>
      forge.editor.acceptRepair({
        params: { modelId: model.modelId, version: version.version },
        idempotencyKey: key,
      }),
    done: t('editor.repair.done'),
    refresh: [modelsKey],
  })
  if (!repair || !report) return null
  const done = changes.filter((change) => repair.changes[change] > 0)
  return (
    <Section title={t('editor.repair.title')} about={t('editor.repair.about')}>
      <Stack>
        <SegmentedControl
          fullWidth
          aria-label={t('editor.repair.shown')}
          data={[
            { value: 'before', label: t('editor.repair.before') },
            { value: 'after', label: t('editor.repair.after') },
          ]}
          value={repaired ? 'after' : 'before'}
          onChange={(value) => onRepaired(value === 'after')}
        />
        <List size="sm" spacing={4}>
          {done.map((change) => (
            <List.Item key={change}>
              {t(`editor.repair.change.${change}`, { count: repair.changes[change] })}
            </List.Item>
          ))}
        </List>
        <Difference before={report} after={repair.report} />
        {repair.report.problems.length > 0 && (
          <Text size="sm">
            {t('editor.repair.left')}{' '}
            {repair.report.problems
              .map(({ code, count }) => t(`editor.problem.${code}`, { count }))
              .join(', ')}
          </Text>
        )}
        <Button
          leftSection={<IconWand size={18} />}
          loading={accept.isPending}
          onClick={() => accept.mutate()}
        >
          {t('editor.repair.accept')}
        </Button>
        <Text size="sm" c="dimmed">
          {t('editor.repair.else')}
        </Text>
      </Stack>
    </Section>
  )
}

function Difference({ before, after }: { before: Report; after: Report }) {
  const { t } = useTranslation()
  const problems = ({ problems: found }: Report) => number(found.reduce((sum, { count }) => sum + count, 0))
  const rows = [
    [t('editor.report.size'), (report: Report) => sizeWords(report.sizeMm)],
    [
      t('editor.report.volume'),
      (report: Report) => t('editor.report.cm3', { value: number(report.volumeMm3 / 1000, 2) }),
    ],
    [
      t('editor.report.area'),
      (report: Report) => t('editor.report.cm2', { value: number(report.areaMm2 / 100) }),
    ],
    [t('editor.report.triangles'), (report: Report) => number(report.triangles)],
    [
      t('editor.repair.closed'),
      (report: Report) => t(report.watertight ? 'editor.repair.yes' : 'editor.repair.no'),
    ],
    [t('editor.repair.problems'), problems],
  ] satisfies [string, (report: Report) => string][]
  return (
    <Table verticalSpacing={6} horizontalSpacing={6} fz="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('editor.repair.what')}</Table.Th>
          <Table.Th>{t('editor.repair.before')}</Table.Th>
          <Table.Th>{t('editor.repair.after')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([name, of]) => {
          const [old, now] = [of(before), of(after)]
          return (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} c="dimmed">
                {name}
              </Table.Th>
              <Table.Td>{old}</Table.Td>
              <Table.Td fw={old === now ? undefined : 600}>{now}</Table.Td>
            </Table.Tr>
          )
        })}
      </Table.Tbody>
    </Table>
  )
}
