import { Alert, Button, Group, Menu, SimpleGrid, Stack, Switch, TagsInput, Text, Title } from '@mantine/core'
import type { Technology } from '@pleiad/workshop/price/book'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { named, number } from '../words.ts'
import classes from './book.module.css'
import { type BookForm, MoneyField, NameFields, NumberField, troubleAt } from './fields.tsx'
import { freshTechnology } from './fresh.ts'

const kinds: readonly Technology[] = ['fdm', 'sla', 'sls']
const axes = ['x', 'y', 'z'] as const

/** What machines cost and can make, by technology. */
export function Technologies({ form, fixed }: { form: BookForm; fixed: boolean }) {
  const { t } = useTranslation()
  const { technologies } = form.values.book
  const missing = kinds.filter((kind) => !technologies.some(({ id }) => id === kind))
  return (
    <Stack>
      {technologies.map(({ id, names }, index) => (
        <Stack key={id} component="section" className={classes.card} gap="sm" aria-labelledby={`tech-${id}`}>
          <Group justify="space-between" wrap="nowrap">
            <Title order={2} size="h3" id={`tech-${id}`} className="wrap-anywhere">
              {named(names) || id.toUpperCase()}
            </Title>
            {!fixed && (
              <Button
                variant="subtle"
                color="red"
                size="compact-sm"
                flex="none"
                leftSection={<IconTrash size={16} />}
                aria-label={t('prices.removeNamed', { name: named(names) || id })}
                onClick={() => form.removeListItem('book.technologies', index)}
              >
                {t('prices.remove')}
              </Button>
            )}
          </Group>
          {form.errors[`book.technologies.${index}`] && (
            <Alert color="red">{form.errors[`book.technologies.${index}`]}</Alert>
          )}
          <OneTechnology form={form} index={index} />
        </Stack>
      ))}
      {form.errors['book.technologies'] && <Alert color="red">{form.errors['book.technologies']}</Alert>}
      {!fixed && missing.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button
              variant="default"
              leftSection={<IconPlus size={18} />}
              style={{ alignSelf: 'flex-start' }}
            >
              {t('prices.addTechnology')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {missing.map((kind) => (
              <Menu.Item
                key={kind}
                onClick={() => form.insertListItem('book.technologies', freshTechnology(kind))}
              >
                {t(`prices.technology.${kind}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Stack>
  )
}

function OneTechnology({ form, index }: { form: BookForm; index: number }) {
  const { t } = useTranslation()
  const at = `technologies.${index}`
  const { infill, layerHeightsMm } = form.values.book.technologies[index]!
  const mm = t('prices.unit.mm')
  return (
    <>
      <NameFields form={form} at={`${at}.names`} label="name" />
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
        <MoneyField
          form={form}
          at={`${at}.machinePerHour`}
          label={t('prices.key.machinePerHour')}
          per={t('prices.unit.hour')}
        />
        <MoneyField form={form} at={`${at}.setup`} label={t('prices.key.setup')} />
        <MoneyField form={form} at={`${at}.minPrice`} label={t('prices.key.minPrice')} />
      </SimpleGrid>
      <TagsInput
        label={t('prices.key.layerHeightsMm')}
        description={t('prices.layersAbout')}
        splitChars={[' ', ';']}
        acceptValueOnBlur
        inputMode="decimal"
        value={layerHeightsMm.map((height) => number(height, 4))}
        onChange={(tags) => form.setFieldValue(`book.${at}.layerHeightsMm`, heightsOf(tags) as never)}
        error={troubleAt(form, `${at}.layerHeightsMm`)}
        data-path={`book.${at}.layerHeightsMm`}
      />
      <SimpleGrid cols={{ base: 2, xs: 4 }} spacing="sm">
        {axes.map((axis) => (
          <NumberField
            key={axis}
            form={form}
            at={`${at}.maxSizeMm.${axis}`}
            label={t(`prices.size.${axis}`)}
            suffix={mm}
          />
        ))}
        <NumberField
          form={form}
          at={`${at}.minWallMm`}
          label={t('prices.key.minWallMm')}
          suffix={mm}
          digits={3}
        />
      </SimpleGrid>
      <Group align="flex-end" gap="md">
        <Switch
          label={t('prices.key.infill')}
          description={t('prices.infillAbout')}
          checked={infill !== undefined}
          onChange={(event) =>
            form.setFieldValue(
              `book.${at}.infill`,
              (event.currentTarget.checked ? { min: 10, max: 100 } : undefined) as never,
            )
          }
        />
        {infill && (
          <SimpleGrid cols={2} spacing="sm" maw={320}>
            <NumberField
              form={form}
              at={`${at}.infill.min`}
              label={t('prices.least')}
              suffix="%"
              digits={0}
            />
            <NumberField form={form} at={`${at}.infill.max`} label={t('prices.most')} suffix="%" digits={0} />
          </SimpleGrid>
        )}
      </Group>
      {form.errors[`book.${at}.infill`] && (
        <Text size="sm" c="red">
          {form.errors[`book.${at}.infill`]}
        </Text>
      )}
    </>
  )
}

/** Numbers as they were typed, ascending, each once; what is none is left out. */
export function heightsOf(tags: readonly string[]): number[] {
  const heights = tags.map((tag) => Number(tag.trim().replace(',', '.'))).filter((value) => value > 0)
  return [...new Set(heights)].sort((a, b) => a - b)
}
