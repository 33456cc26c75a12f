import { NumberInput, SimpleGrid, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { Loaded } from '../../parts/states.tsx'
import { forge, onceKey } from '../api.ts'
import { type Item, termsQuery } from '../shop/data.ts'
import { itemsKey } from './data.ts'
import { ItemPictures } from './item-pictures.tsx'

interface Values {
  sku: string
  names: { en: string; ru: string }
  about: { en: string; ru: string }
  price: number | string
  stock: number | string
  pictures: readonly string[]
  active: boolean
}

/** Minor units of a currency in one of its units: 100 cents of a euro. */
function minorOf(currency: string): number {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions()
  return 10 ** maximumFractionDigits
}

/** Puts an item on the shelf, or changes one. */
export function ItemForm({ item, onDone }: { item: Item | undefined; onDone: () => void }) {
  const terms = useQuery(termsQuery)
  return (
    <Loaded query={terms}>
      {({ currency }) => <Fields item={item} currency={item?.currency ?? currency} onDone={onDone} />}
    </Loaded>
  )
}

function Fields({
  item,
  currency,
  onDone,
}: {
  item: Item | undefined
  currency: string
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [key] = useState(onceKey)
  const [uploading, setUploading] = useState(false)
  const minor = minorOf(currency)
  const needed = (value: string | number) => (String(value).trim() === '' ? t('field.needed') : null)
  const form = useForm<Values>({
    initialValues: {
      sku: item?.sku ?? '',
      names: { en: item?.names.en ?? '', ru: item?.names.ru ?? '' },
      about: { en: item?.about.en ?? '', ru: item?.about.ru ?? '' },
      price: item ? item.price / minor : '',
      stock: item?.stock ?? 0,
      pictures: item?.pictures ?? [],
      active: item?.active ?? true,
    },
    validate: {
      sku: (value) => (/^[A-Z0-9][A-Z0-9-]{0,39}$/.test(value) ? null : t('office.items.skuBad')),
      names: { en: needed, ru: needed },
      price: needed,
      stock: needed,
    },
  })
  const save = useAction({
    run: ({ price, stock, pictures, ...values }: Values) => {
      const body = {
        ...values,
        price: Math.round(Number(price) * minor),
        stock: Number(stock),
        pictures: [...pictures],
        currency,
      }
      return item
        ? forge.shop.updateItem({ params: { itemId: item.itemId }, body, ifMatch: String(item.version) })
        : forge.shop.createItem({ body, idempotencyKey: key })
    },
    done: t('office.items.saved'),
    refresh: [itemsKey, ['forge', 'items']],
    onDone,
    onFail: (error) => showAtFields(form, error, { skuTaken: 'sku', pictureNotRight: 'pictures' }),
  })
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput
            label={t('office.items.nameEn')}
            maxLength={160}
            data-autofocus
            {...form.getInputProps('names.en')}
          />
          <TextInput label={t('office.items.nameRu')} maxLength={160} {...form.getInputProps('names.ru')} />
        </SimpleGrid>
        <TextInput
          label={t('office.items.sku')}
          description={t('office.items.skuAbout')}
          maxLength={40}
          spellCheck={false}
          autoComplete="off"
          {...form.getInputProps('sku')}
          onChange={({ currentTarget }) => form.setFieldValue('sku', currentTarget.value.toUpperCase())}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <NumberInput
            label={t('office.items.priceIn', { currency })}
            min={0}
            max={10_000_000}
            decimalScale={Math.round(Math.log10(minor))}
            allowNegative={false}
            {...form.getInputProps('price')}
          />
          <NumberInput
            label={t('office.items.stockCount')}
            min={0}
            max={1_000_000}
            allowDecimal={false}
            allowNegative={false}
            {...form.getInputProps('stock')}
          />
        </SimpleGrid>
        <Textarea
          label={t('office.items.aboutEn')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4000}
          {...form.getInputProps('about.en')}
        />
        <Textarea
          label={t('office.items.aboutRu')}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={4000}
          {...form.getInputProps('about.ru')}
        />
        <ItemPictures
          pictures={form.values.pictures}
          known={item?.pictures ?? []}
          error={form.errors.pictures}
          onChange={(pictures) => form.setFieldValue('pictures', pictures)}
          onUploading={setUploading}
        />
        <Switch
          label={t('office.items.offer')}
          description={t('office.items.offerAbout')}
          {...form.getInputProps('active', { type: 'checkbox' })}
        />
        <FormButtons
          submit={t('action.save')}
          pending={save.isPending}
          disabled={uploading}
          onCancel={onDone}
        />
      </Stack>
    </form>
  )
}
