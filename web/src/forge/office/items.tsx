import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { IconBox, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ItemTable } from '../../parts/item-table.tsx'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page } from '../../parts/page.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { Empty } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import type { Item } from '../shop/data.ts'
import { ItemPicture } from '../shop/picture.tsx'
import { named, useMoney } from '../words.ts'
import { itemsKey } from './data.ts'
import { Needs } from './frame.tsx'
import { ItemForm } from './item-form.tsx'
import { useRowKeys } from './row-keys.ts'

/** What the workshop has on its shelf, also what customers do not see. */
export function Shelf() {
  return <Needs permissions={['shop:manage']}>{() => <AllItems />}</Needs>
}

function AllItems() {
  const { t } = useTranslation()
  const money = useMoney()
  const [editing, setEditing] = useState<Item | 'new'>()
  const around = useRowKeys<HTMLDivElement>()
  const list = useList({
    queryKey: [...itemsKey, 'list'],
    load: (cursor, signal) => forge.shop.manageItems({ query: { ...cursor, limit: 25 }, signal }),
  })
  const close = () => setEditing(undefined)
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEditing('new')}>
      {t('office.items.add')}
    </Button>
  )
  return (
    <Page wide title={t('office.items.title')} about={t('office.items.about')} actions={add}>
      <div ref={around}>
        <ListPanel
          list={list}
          empty={
            <Empty icon={IconBox} title={t('office.items.none')}>
              {t('office.items.noneAbout')}
            </Empty>
          }
        >
          {(items) => (
            <ItemTable
              items={items}
              idOf={(item) => item.itemId}
              onOpen={setEditing}
              columns={[
                {
                  title: t('office.items.item'),
                  cell: (item) => (
                    <Group gap="sm" wrap="nowrap" component="span">
                      <ItemPicture fileId={item.pictures[0]} size={44} />
                      <Stack gap={0} miw={0}>
                        <Text fw={600} component="span" className="wrap-anywhere">
                          {named(item.names)}
                        </Text>
                        <Text size="sm" c="dimmed" component="span">
                          {item.sku}
                        </Text>
                        <Group gap={6} hiddenFrom="sm" component="span">
                          <Stock item={item} />
                          {!item.active && <Badge color="gray">{t('office.items.hidden')}</Badge>}
                        </Group>
                      </Stack>
                    </Group>
                  ),
                },
                {
                  title: t('office.items.price'),
                  cell: (item) => <span className="numbers">{money(item.price, item.currency)}</span>,
                },
                {
                  title: t('office.items.stock'),
                  from: 'sm',
                  cell: (item) => <Stock item={item} />,
                },
                {
                  title: t('office.items.shown'),
                  from: 'sm',
                  cell: (item) => (
                    <Badge color={item.active ? 'green' : 'gray'}>
                      {t(item.active ? 'office.items.offered' : 'office.items.hidden')}
                    </Badge>
                  ),
                },
              ]}
            />
          )}
        </ListPanel>
      </div>
      <SidePanel
        opened={editing !== undefined}
        title={editing && editing !== 'new' ? named(editing.names) : t('office.items.add')}
        onClose={close}
      >
        {editing && <ItemForm item={editing === 'new' ? undefined : editing} onDone={close} />}
      </SidePanel>
    </Page>
  )
}

function Stock({ item }: { item: Item }) {
  const { t } = useTranslation()
  return (
    <Badge color={item.stock > 0 ? 'green' : 'red'}>
      {item.stock > 0 ? t('shop.items.stock', { count: item.stock }) : t('shop.items.out')}
    </Badge>
  )
}
