import { Badge, Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { IconBoxOff, IconShoppingCartPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { useList } from '../../parts/list.ts'
import { ListPanel } from '../../parts/list-panel.tsx'
import { Page } from '../../parts/page.tsx'
import { Empty } from '../../parts/states.tsx'
import { forge, onceKey } from '../api.ts'
import { named, useMoney } from '../words.ts'
import { cartKey, type Item } from './data.ts'
import classes from './models.module.css'
import { ItemPicture } from './picture.tsx'
import { Quantity } from './quantity.tsx'

/** What lies on the shelf and need not be made first. */
export function Items() {
  const { t } = useTranslation()
  const list = useList({
    queryKey: ['forge', 'items'],
    load: (cursor, signal) => forge.shop.listItems({ query: { ...cursor, limit: 24 }, signal }),
  })
  return (
    <Page wide title={t('place.items')} about={t('shop.items.about')}>
      <ListPanel
        list={list}
        empty={
          <Empty icon={IconBoxOff} title={t('shop.items.none')}>
            {t('shop.items.noneAbout')}
          </Empty>
        }
      >
        {(items) => (
          <SimpleGrid component="ul" cols={{ base: 1, sm: 2 }} p="md" m={0} className={classes.list!}>
            {items.map((item) => (
              <ItemCard key={item.itemId} item={item} />
            ))}
          </SimpleGrid>
        )}
      </ListPanel>
    </Page>
  )
}

function ItemCard({ item }: { item: Item }) {
  const { t } = useTranslation()
  const money = useMoney()
  const [quantity, setQuantity] = useState(1)
  const name = named(item.names)
  const add = useAction({
    run: () =>
      forge.shop.addLine({ body: { kind: 'ready', sku: item.sku, quantity }, idempotencyKey: onceKey() }),
    done: t('shop.items.added', { name }),
    refresh: [cartKey],
  })
  return (
    <li className={`panel ${classes.card}`} style={{ alignItems: 'flex-start' }}>
      <ItemPicture fileId={item.pictures[0]} size={96} />
      <Stack gap={6} flex={1} miw={0}>
        <Group justify="space-between" gap="xs" align="baseline">
          <Title order={2} fz="md">
            {name}
          </Title>
          <Text fw={600} className="numbers">
            {money(item.price, item.currency)}
          </Text>
        </Group>
        <Text size="sm" c="dimmed">
          {named(item.about)}
        </Text>
        <Badge color={item.stock > 0 ? 'green' : 'gray'} style={{ alignSelf: 'flex-start' }}>
          {item.stock > 0 ? t('shop.items.stock', { count: item.stock }) : t('shop.items.out')}
        </Badge>
        {item.stock > 0 && (
          <Group gap="xs" mt={4}>
            <Quantity
              w={84}
              aria-label={t('shop.quantityOf', { name })}
              max={item.stock}
              value={quantity}
              onChange={setQuantity}
            />
            <Button
              variant="light"
              leftSection={<IconShoppingCartPlus size={17} />}
              loading={add.isPending}
              onClick={() => add.mutate()}
            >
              {t('shop.items.add')}
            </Button>
          </Group>
        )}
      </Stack>
    </li>
  )
}
