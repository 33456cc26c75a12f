import { Alert, Button, Group, SimpleGrid, Stack, TextInput, Title } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { named } from '../words.ts'
import classes from './book.module.css'
import { type BookForm, MoneyField, NameFields, useBookInput } from './fields.tsx'
import { freshFinish } from './fresh.ts'

/** What is done to a piece once it is printed, and what that costs. */
export function Finishes({ form, fixed }: { form: BookForm; fixed: boolean }) {
  const { t } = useTranslation()
  const { finishes } = form.values.book
  return (
    <Stack>
      {form.errors['book.finishes'] && <Alert color="red">{form.errors['book.finishes']}</Alert>}
      {finishes.map((finish, index) => {
        const at = `finishes.${index}`
        const name = named(finish.names) || t('prices.unnamed')
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the id of a finish is typed here, so its place names it.
          <Stack key={index} component="section" className={classes.card} gap="sm" aria-label={name}>
            <Group justify="space-between" wrap="nowrap">
              <Title order={2} size="h3" className="wrap-anywhere">
                {name}
              </Title>
              {!fixed && (
                <Button
                  variant="subtle"
                  color="red"
                  size="compact-sm"
                  flex="none"
                  leftSection={<IconTrash size={16} />}
                  aria-label={t('prices.removeNamed', { name })}
                  onClick={() => form.removeListItem('book.finishes', index)}
                >
                  {t('prices.remove')}
                </Button>
              )}
            </Group>
            {form.errors[`book.${at}`] && <Alert color="red">{form.errors[`book.${at}`]}</Alert>}
            <NameFields form={form} at={`${at}.names`} label="name" />
            <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
              <MoneyField
                form={form}
                at={`${at}.fixed`}
                label={t('prices.key.fixed')}
                per={t('prices.unit.piece')}
              />
              <MoneyField
                form={form}
                at={`${at}.perCm2`}
                label={t('prices.key.perCm2')}
                per={t('prices.unit.cm2')}
                more={3}
              />
              <FinishId form={form} at={`${at}.id`} />
            </SimpleGrid>
          </Stack>
        )
      })}
      {!fixed && (
        <Button
          variant="default"
          leftSection={<IconPlus size={18} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => form.insertListItem('book.finishes', freshFinish(form.values.book))}
        >
          {t('prices.addFinish')}
        </Button>
      )}
    </Stack>
  )
}

/** A finish is known to materials by its id: they follow when it is called otherwise. */
function FinishId({ form, at }: { form: BookForm; at: string }) {
  const { t } = useTranslation()
  const { onChange, ...input } = useBookInput({ form, at })
  const rename = (before: string, id: string) => {
    onChange(id)
    form.values.book.materials.forEach(({ finishes }, index) => {
      if (finishes.includes(before))
        form.setFieldValue(
          `book.materials.${index}.finishes`,
          finishes.map((one) => (one === before ? id : one)) as never,
        )
    })
  }
  return (
    <TextInput
      label={t('prices.key.id')}
      maxLength={40}
      spellCheck={false}
      {...input}
      onChange={(event) => rename(input.value, event.currentTarget.value)}
    />
  )
}
