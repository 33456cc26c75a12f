import { SimpleGrid, Stack, Switch, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type BookForm, MoneyField, NumberField, useBookInput } from './fields.tsx'

/** What holds for every price: currency, tax, rounding, express. */
export function General({ form }: { form: BookForm }) {
  const { t } = useTranslation()
  const { onChange, ...currency } = useBookInput({ form, at: 'currency' })
  const { vat } = form.values.book
  return (
    <Stack>
      <TextInput
        label={t('prices.note')}
        description={t('prices.noteAbout')}
        maxLength={500}
        {...form.getInputProps('note')}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput
          label={t('prices.key.currency')}
          description={t('prices.currencyAbout')}
          maxLength={3}
          spellCheck={false}
          {...currency}
          onChange={(event) => onChange(event.currentTarget.value.toUpperCase())}
        />
        <MoneyField
          form={form}
          at="roundTo"
          label={t('prices.key.roundTo')}
          description={t('prices.roundAbout')}
        />
        <NumberField
          form={form}
          at="vat.percent"
          label={t('prices.key.percent')}
          description={t('prices.vatAbout')}
          suffix="%"
        />
        <NumberField
          form={form}
          at="rushFactor"
          label={t('prices.key.rushFactor')}
          description={t('prices.rushAbout')}
          suffix="×"
        />
      </SimpleGrid>
      <Switch
        label={t('prices.key.included')}
        description={t('prices.includedAbout')}
        checked={vat.included}
        onChange={(event) => form.setFieldValue('book.vat.included', event.currentTarget.checked as never)}
      />
    </Stack>
  )
}
