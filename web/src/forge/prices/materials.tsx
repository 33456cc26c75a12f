import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core'
import type { MaterialPrice } from '@pleiad/workshop/price/book'
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { ItemTable } from '../../parts/item-table.tsx'
import { SidePanel } from '../../parts/side-panel.tsx'
import { named, useMoney } from '../words.ts'
import classes from './book.module.css'
import { type BookForm, troubleAt } from './fields.tsx'
import { freshMaterial } from './fresh.ts'
import { MaterialFields } from './material-fields.tsx'

/** The materials of the book; one of them opens beside the list. */
export function Materials({
  form,
  fixed,
  opened,
  onOpen,
}: {
  form: BookForm
  fixed: boolean
  /** Which one is open, by its place in the book. */
  opened: number | undefined
  onOpen: (index: number | undefined) => void
}) {
  const { t } = useTranslation()
  const price = usePriceWords(form)
  const { materials } = form.values.book
  const material = opened === undefined ? undefined : materials[opened]
  const add = () => {
    form.insertListItem('book.materials', freshMaterial(form.values.book))
    onOpen(materials.length)
  }
  return (
    <Stack>
      {form.errors['book.materials'] && <Alert color="red">{form.errors['book.materials']}</Alert>}
      {materials.length > 0 && (
        <ItemTable
          items={materials}
          idOf={({ id }) => id}
          onOpen={(one) => onOpen(materials.indexOf(one))}
          columns={[
            {
              title: t('prices.material'),
              cell: (one) => (
                <Group gap={8}>
                  <Text fw={600} component="span">
                    {named(one.names) || t('prices.unnamed')}
                  </Text>
                  {troubleAt(form, `materials.${materials.indexOf(one)}`) && (
                    <Badge color="red" leftSection={<IconAlertTriangle size={12} aria-hidden />}>
                      {t('prices.wrong')}
                    </Badge>
                  )}
                </Group>
              ),
            },
            { title: t('prices.key.technology'), from: 'xs', cell: (one) => one.technology.toUpperCase() },
            { title: t('prices.key.price'), cell: price },
            { title: t('prices.key.colors'), from: 'sm', cell: Swatches },
            {
              title: t('prices.key.finishes'),
              from: 'md',
              cell: (one) =>
                one.finishes
                  .map((id) => {
                    const finish = form.values.book.finishes.find((other) => other.id === id)
                    return finish ? named(finish.names) : id
                  })
                  .join(', '),
            },
          ]}
        />
      )}
      {!fixed && (
        <Button
          variant="default"
          leftSection={<IconPlus size={18} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={add}
        >
          {t('prices.addMaterial')}
        </Button>
      )}
      <SidePanel
        opened={material !== undefined}
        title={material && (named(material.names) || t('prices.unnamed'))}
        size={640}
        onClose={() => onOpen(undefined)}
      >
        {material && opened !== undefined && (
          <MaterialFields form={form} fixed={fixed} index={opened} onClose={() => onOpen(undefined)} />
        )}
      </SidePanel>
    </Stack>
  )
}

function usePriceWords(form: BookForm): (material: MaterialPrice) => string {
  const { t } = useTranslation()
  const money = useMoney()
  const { currency } = form.values.book
  return ({ price }) => {
    if (!Number.isFinite(price.amount)) return '—'
    // While the currency is typed it is none yet.
    const amount = /^[A-Z]{3}$/.test(currency) ? money(price.amount, currency) : String(price.amount / 100)
    return t(`prices.per.${price.per}`, { amount })
  }
}

function Swatches({ colors }: MaterialPrice) {
  return (
    <Group gap={4} role="img" aria-label={colors.map(({ names }) => named(names)).join(', ')}>
      {colors.map(({ id, hex }) => (
        <span key={id} className={classes.swatch} style={{ background: hex }} />
      ))}
    </Group>
  )
}
