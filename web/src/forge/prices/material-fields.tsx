import {
  ActionIcon,
  Button,
  Checkbox,
  ColorInput,
  Group,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { named } from '../words.ts'
import classes from './book.module.css'
import { type BookForm, MoneyField, NameFields, NumberField, troubleAt, useBookInput } from './fields.tsx'
import { freshColor } from './fresh.ts'

/** Everything of one material. */
export function MaterialFields({
  form,
  fixed,
  index,
  onClose,
}: {
  form: BookForm
  fixed: boolean
  index: number
  onClose: () => void
}) {
  const { t } = useTranslation()
  const at = `materials.${index}`
  const { book } = form.values
  const material = book.materials[index]!
  const technology = useBookInput({ form, at: `${at}.technology` })
  const id = useBookInput({ form, at: `${at}.id` })
  return (
    <Stack>
      <fieldset className={classes.fields} disabled={fixed}>
        <Stack>
          <NameFields form={form} at={`${at}.names`} label="name" />
          <NameFields form={form} at={`${at}.about`} label="about" long />
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <Select
              label={t('prices.key.technology')}
              allowDeselect={false}
              data={[
                ...new Map(
                  [...book.technologies.map((one) => one.id), material.technology].map((one) => [
                    one,
                    { value: one, label: t(`prices.technology.${one}`) },
                  ]),
                ).values(),
              ]}
              {...technology}
            />
            <TextInput
              label={t('prices.key.id')}
              description={t('prices.idAbout')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              maxLength={40}
              spellCheck={false}
              {...id}
            />
            <MoneyField
              form={form}
              at={`${at}.price.amount`}
              label={t('prices.key.price')}
              per={t(`prices.unit.${material.price.per}`)}
            />
            <NumberField
              form={form}
              at={`${at}.densityGCm3`}
              label={t('prices.key.densityGCm3')}
              suffix={t('prices.unit.density')}
              digits={3}
            />
          </SimpleGrid>
          <SegmentedControl
            aria-label={t('prices.boughtBy')}
            style={{ alignSelf: 'flex-start' }}
            data={(['kg', 'l'] as const).map((per) => ({ value: per, label: t(`prices.bought.${per}`) }))}
            value={material.price.per}
            disabled={fixed}
            onChange={(per) => form.setFieldValue(`book.${at}.price.per`, per as never)}
          />
          <Checkbox.Group
            label={t('prices.key.finishes')}
            value={[...material.finishes]}
            error={troubleAt(form, `${at}.finishes`)}
            onChange={(finishes) => form.setFieldValue(`book.${at}.finishes`, finishes as never)}
          >
            <Group gap="md" mt={8}>
              {book.finishes.map((finish) => (
                <Checkbox key={finish.id} value={finish.id} label={named(finish.names) || finish.id} />
              ))}
            </Group>
          </Checkbox.Group>
          <Colors form={form} at={at} index={index} fixed={fixed} />
        </Stack>
      </fieldset>
      <Group justify="space-between">
        {!fixed && (
          <Button
            variant="subtle"
            color="red"
            leftSection={<IconTrash size={18} />}
            onClick={() => {
              onClose()
              form.removeListItem('book.materials', index)
            }}
          >
            {t('prices.removeMaterial')}
          </Button>
        )}
        <Button ml="auto" onClick={onClose}>
          {t('action.done')}
        </Button>
      </Group>
    </Stack>
  )
}

function Colors({ form, at, index, fixed }: { form: BookForm; at: string; index: number; fixed: boolean }) {
  const { t } = useTranslation()
  const { colors } = form.values.book.materials[index]!
  const list = `book.${at}.colors`
  return (
    <Stack gap="sm">
      <Title order={3}>{t('prices.key.colors')}</Title>
      {form.errors[list] && (
        <Text size="sm" c="red">
          {form.errors[list]}
        </Text>
      )}
      {colors.map((color, one) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the id of a colour is typed here, so its place names it.
        <Group key={one} className={classes.card} align="flex-start" wrap="nowrap" gap="sm">
          <Stack gap="sm" flex={1} miw={0}>
            <NameFields form={form} at={`${at}.colors.${one}.names`} label="name" />
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <Hex form={form} at={`${at}.colors.${one}.hex`} />
              <ColorId form={form} at={`${at}.colors.${one}.id`} />
            </SimpleGrid>
          </Stack>
          {!fixed && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={t('prices.removeNamed', { name: named(color.names) || color.id })}
              onClick={() => form.removeListItem(list, one)}
            >
              <IconTrash size={18} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {!fixed && (
        <Button
          variant="default"
          size="compact-md"
          leftSection={<IconPlus size={16} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem(list, freshColor(colors))}
        >
          {t('prices.addColor')}
        </Button>
      )}
    </Stack>
  )
}

function Hex({ form, at }: { form: BookForm; at: string }) {
  const { t } = useTranslation()
  return (
    <ColorInput
      label={t('prices.key.hex')}
      format="hex"
      withEyeDropper={false}
      fixOnBlur={false}
      {...useBookInput({ form, at })}
    />
  )
}

function ColorId({ form, at }: { form: BookForm; at: string }) {
  const { t } = useTranslation()
  return (
    <TextInput label={t('prices.key.id')} maxLength={40} spellCheck={false} {...useBookInput({ form, at })} />
  )
}
