import { Badge, Checkbox, Group, Table, Text, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { api } from '../api.ts'
import { When } from '../parts/time.tsx'
import classes from './tables.module.css'

export type DeadLetter = Awaited<ReturnType<typeof api.operations.listDeadLetters>>['items'][number]

/** Names one letter: an event may have died in several handlers. */
export const idOf = (letter: DeadLetter): string => `${letter.consumer} ${letter.id}`

/** Dead letters to look at and, for those who may, to pick. */
export function LetterTable({
  items,
  picked,
  onPick,
  onOpen,
  manages,
}: {
  items: readonly DeadLetter[]
  picked: ReadonlySet<string>
  onPick: (picked: ReadonlySet<string>) => void
  onOpen: (letter: DeadLetter) => void
  manages: boolean
}) {
  const { t } = useTranslation()
  const selection = items.filter((letter) => picked.has(idOf(letter)))
  const toggle = (letter: DeadLetter) => {
    const next = new Set(picked)
    if (!next.delete(idOf(letter))) next.add(idOf(letter))
    onPick(next)
  }
  return (
    <Table highlightOnHover className={classes.table!}>
      <Table.Thead>
        <Table.Tr>
          {manages && (
            <Table.Th w={44}>
              <Checkbox
                aria-label={t('dead.pickAll')}
                checked={selection.length === items.length}
                indeterminate={selection.length > 0 && selection.length < items.length}
                onChange={(event) => onPick(new Set(event.currentTarget.checked ? items.map(idOf) : []))}
              />
            </Table.Th>
          )}
          <Table.Th>{t('map.event')}</Table.Th>
          <Table.Th visibleFrom="sm">{t('dead.error')}</Table.Th>
          <Table.Th visibleFrom="xs">{t('dead.parked')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((letter) => (
          <Table.Tr
            key={idOf(letter)}
            className={classes.row!}
            data-chosen={picked.has(idOf(letter)) || undefined}
          >
            {manages && (
              <Table.Td>
                <Checkbox
                  className={classes.above!}
                  aria-label={t('dead.pick', { type: letter.type, key: letter.key })}
                  checked={picked.has(idOf(letter))}
                  onChange={() => toggle(letter)}
                />
              </Table.Td>
            )}
            <Table.Td>
              <UnstyledButton className={classes.open!} onClick={() => onOpen(letter)}>
                <Group gap={8}>
                  <Text fw={560}>{letter.type}</Text>
                  <Badge color="gray">{t('dead.attempts', { count: letter.attempts })}</Badge>
                </Group>
                <Text size="sm" c="dimmed" className="wrap-anywhere">
                  {letter.consumer} · {letter.key}
                </Text>
              </UnstyledButton>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Text size="sm" lineClamp={2} className="wrap-anywhere">
                {letter.error}
              </Text>
            </Table.Td>
            <Table.Td visibleFrom="xs">
              <When time={letter.parkedAt} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
