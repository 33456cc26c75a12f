import { Checkbox, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import type { useForm } from '@mantine/form'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../../i18n/i18n.ts'
import { type Details, emptyAddress, type Profile } from './checkout-form.ts'
import { countries } from './countries.ts'

/** Where it is sent: an address of the book, or a new one. */
export function AddressFields({
  form,
  profile,
}: {
  form: Pick<ReturnType<typeof useForm<Details>>, 'values' | 'getInputProps' | 'setFieldValue'>
  profile: Profile
}) {
  const { t } = useTranslation()
  const { values } = form
  return (
    <Stack>
      {profile.addresses.length > 0 && (
        <Select
          label={t('shop.checkout.book')}
          allowDeselect={false}
          data={[
            ...profile.addresses.map((address, at) => ({
              value: String(at),
              label: `${address.name}, ${address.street}, ${address.city}`,
            })),
            { value: '', label: t('shop.checkout.newAddress') },
          ]}
          value={values.book}
          onChange={(book) => {
            form.setFieldValue('book', book ?? '')
            form.setFieldValue('address', emptyAddress(values.name))
          }}
        />
      )}
      {values.book === '' && (
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput
            label={t('shop.checkout.receiver')}
            required
            autoComplete="shipping name"
            {...form.getInputProps('address.name')}
          />
          <TextInput
            label={t('shop.checkout.street')}
            required
            autoComplete="shipping street-address"
            {...form.getInputProps('address.street')}
          />
          <TextInput
            label={t('shop.checkout.postalCode')}
            required
            autoComplete="shipping postal-code"
            {...form.getInputProps('address.postalCode')}
          />
          <TextInput
            label={t('shop.checkout.city')}
            required
            autoComplete="shipping address-level2"
            {...form.getInputProps('address.city')}
          />
          <Select
            label={t('shop.checkout.country')}
            required
            searchable
            data={countries(currentLanguage())}
            {...form.getInputProps('address.country')}
          />
          <TextInput
            label={t('shop.checkout.courierPhone')}
            type="tel"
            {...form.getInputProps('address.phone')}
          />
        </SimpleGrid>
      )}
      <Checkbox label={t('shop.checkout.keep')} {...form.getInputProps('keep', { type: 'checkbox' })} />
    </Stack>
  )
}
