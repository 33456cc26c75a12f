import { Table, UnstyledButton } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'
import classes from './item-table.module.css'

export interface Column<Item> {
  readonly title: string
  readonly cell: (item: Item) => ReactNode
  /** Hidden on screens narrower than this. */
  readonly from?: 'xs' | 'sm' | 'md'
}

/** What makes a row's first cell lead somewhere. */
export interface RowLink {
  readonly className: string
  readonly children: ReactNode
}

/**
 * Items as rows. The first column names the item; with `onOpen` or `link` it is a button or link, and the whole row
 * can be clicked.
 */
export function ItemTable<Item>({
  items,
  idOf,
  columns: [first, ...rest],
  onOpen,
  link,
}: {
  items: readonly Item[]
  idOf: (item: Item) => string
  columns: readonly [Column<Item>, ...Column<Item>[]]
  onOpen?: (item: Item) => void
  /** Returns a router link made with the given props. */
  link?: (item: Item, props: RowLink) => ReactElement
}) {
  const opening = (item: Item) => {
    const content = first.cell(item)
    if (link) return link(item, { className: classes.open!, children: content })
    if (!onOpen) return content
    return (
      <UnstyledButton className={classes.open!} onClick={() => onOpen(item)}>
        {content}
      </UnstyledButton>
    )
  }
  return (
    <Table highlightOnHover className={classes.table!}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{first.title}</Table.Th>
          {rest.map((column) => (
            <Table.Th key={column.title} {...visibility(column)}>
              {column.title}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((item) => (
          <Table.Tr key={idOf(item)} className={classes.row!}>
            <Table.Td>{opening(item)}</Table.Td>
            {rest.map((column) => (
              <Table.Td key={column.title} {...visibility(column)}>
                {column.cell(item)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

const visibility = ({ from }: { from?: 'xs' | 'sm' | 'md' }) => (from ? { visibleFrom: from } : {})
