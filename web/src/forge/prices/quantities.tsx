import { ActionIcon, Alert, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { MAX_QUANTITY } from '@pleiad/workshop/print/options'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './book.module.css'
import { type BookForm, NumberField } from './fields.tsx'

/** Discounts by quantity: together they cover every number of pieces once. */
export function Quantities({ form, fixed }: { form: BookForm; fixed: boolean }) {
  const { t } = useTranslation()
  const list = 'book.quantityBreaks'
  const breaks = form.values.book.quantityBreaks
  const add = () => {
    const last = breaks.at(-1)
    // The last break ends where the new one begins, so that there is no hole between them.
    const from = last ? Math.min(MAX_QUANTITY, Math.max(last.from + 1, Math.floor((last.to + 1) / 2))) : 1
    if (last) form.setFieldValue(`${list}.${breaks.length - 1}.to`, (from - 1) as never)
    form.insertListItem(list, { from, to: MAX_QUANTITY, percentOff: last?.percentOff ?? 0 })
  }
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('prices.quantitiesAbout')}
      </Text>
      {form.errors[list] && <Alert color="red">{form.errors[list]}</Alert>}
      {breaks.map((_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a break is what stands at its place.
        <Stack key={index} className={classes.card} gap="xs">
          <Group align="flex-start" wrap="nowrap" gap="sm">
            <SimpleGrid cols={3} spacing="sm" flex={1} maw={520}>
              <NumberField
                form={form}
                at={`quantityBreaks.${index}.from`}
                label={t('prices.key.from')}
                digits={0}
              />
              <NumberField
                form={form}
                at={`quantityBreaks.${index}.to`}
                label={t('prices.key.to')}
                digits={0}
              />
              <NumberField
                form={form}
                at={`quantityBreaks.${index}.percentOff`}
                label={t('prices.key.percentOff')}
                suffix="%"
              />
            </SimpleGrid>
            {!fixed && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                mt={25}
                aria-label={t('prices.removeBreak', { number: index + 1 })}
                onClick={() => form.removeListItem(list, index)}
              >
                <IconTrash size={18} />
              </ActionIcon>
            )}
          </Group>
          {form.errors[`${list}.${index}`] && (
            <Text size="sm" c="red">
              {form.errors[`${list}.${index}`]}
            </Text>
          )}
        </Stack>
      ))}
      {!fixed && (
        <Button
          variant="default"
          leftSection={<IconPlus size={18} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={add}
        >
          {t('prices.addBreak')}
        </Button>
      )}
    </Stack>
  )
}
