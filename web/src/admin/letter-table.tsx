import { Badge, Checkbox, Group, Table, Text, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from '../parts/item-table.module.css'
import { When } from '../parts/time.tsx'
import { type DeadLetter, idOf, type Picked, toggled } from './letters.ts'

/** Dead letters to look at and, for those who may, to pick. */
export function LetterTable({
  items,
  picked,
  onPick,
  onOpen,
  manages,
}: {
  items: readonly DeadLetter[]
  picked: Picked
  onPick: (picked: Picked) => void
  onOpen: (letter: DeadLetter) => void
  manages: boolean
}) {
  const { t } = useTranslation()
  const isPicked = (letter: DeadLetter) => picked === 'all' || picked.has(idOf(letter))
  return (
    <Table highlightOnHover className={classes.table!}>
      <Table.Thead>
        <Table.Tr>
          {manages && (
            <Table.Th w={44}>
              <Checkbox
                aria-label={t('dead.pickAll')}
                checked={picked === 'all'}
                indeterminate={picked !== 'all' && items.some(isPicked)}
                onChange={(event) => onPick(event.currentTarget.checked ? 'all' : new Set())}
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
          <Table.Tr key={idOf(letter)} className={classes.row!} data-chosen={isPicked(letter) || undefined}>
            {manages && (
              <Table.Td>
                <Checkbox
                  className={classes.above!}
                  aria-label={t('dead.pick', { type: letter.type, key: letter.key })}
                  checked={isPicked(letter)}
                  onChange={() => onPick(toggled(picked, letter, items))}
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
