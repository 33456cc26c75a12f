import { Chip, Radio, Select, Slider, Stack, Switch, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Book, PrintOptions } from '../shop/data.ts'
import { Quantity } from '../shop/quantity.tsx'
import { named, number } from '../words.ts'
import { fitting } from './choices.ts'
import classes from './model.module.css'

/** Every choice there is for a part; what does not fit a new choice becomes the usual one. */
export function Configure({
  book,
  options,
  onOptions,
}: {
  book: Book
  options: PrintOptions
  onOptions: (options: PrintOptions) => void
}) {
  const { t } = useTranslation()
  const change = (part: Partial<PrintOptions>) => onOptions(fitting(options, part, book))
  const technology = book.technologies.find(({ id }) => id === options.technology)
  const materials = book.materials.filter((one) => one.technology === options.technology)
  const material = materials.find(({ id }) => id === options.material)
  return (
    <Stack gap="lg">
      <Select
        label={t('editor.choose.technology')}
        allowDeselect={false}
        data={book.technologies
          .filter(({ id }) => book.materials.some((one) => one.technology === id))
          .map(({ id, names }) => ({ value: id, label: named(names) }))}
        value={options.technology}
        onChange={(id) => id && change({ technology: id as PrintOptions['technology'] })}
      />
      <Radio.Group
        label={t('editor.choose.material')}
        value={options.material}
        onChange={(id) => change({ material: id })}
      >
        <div className={classes.cards} style={{ marginTop: 6 }}>
          {materials.map(({ id, names, about }) => (
            <Radio
              key={id}
              value={id}
              label={named(names)}
              description={named(about)}
              className={classes.card!}
              data-checked={id === options.material || undefined}
            />
          ))}
        </div>
      </Radio.Group>
      <div>
        <Text size="sm" fw={500} mb={6} id="forge-color">
          {t('editor.choose.color')}
        </Text>
        <Chip.Group value={options.color} onChange={(id) => change({ color: String(id) })}>
          <div className={classes.swatches} role="radiogroup" aria-labelledby="forge-color">
            {material?.colors.map(({ id, names, hex }) => (
              <Chip key={id} value={id} variant="outline">
                <span className={classes.color}>
                  <span className={classes.dot} style={{ background: hex }} aria-hidden />
                  {named(names)}
                </span>
              </Chip>
            ))}
          </div>
        </Chip.Group>
      </div>
      <Select
        label={t('editor.choose.layer')}
        description={t('editor.choose.layerAbout')}
        allowDeselect={false}
        data={technology?.layerHeightsMm.map((mm) => ({
          value: String(mm),
          label: t('editor.choose.mm', { mm: number(mm, 3) }),
        }))}
        value={String(options.layerHeightMm)}
        onChange={(mm) => mm && change({ layerHeightMm: Number(mm) })}
      />
      {technology?.infill && (
        <div>
          <Text size="sm" fw={500}>
            {t('editor.choose.infill', { percent: options.infillPercent })}
          </Text>
          <Text size="xs" c="dimmed" mb={8}>
            {t('editor.choose.infillAbout')}
          </Text>
          <Slider
            min={technology.infill.min}
            max={technology.infill.max}
            step={5}
            value={options.infillPercent}
            label={(percent) => `${percent} %`}
            thumbLabel={t('editor.choose.infill', { percent: options.infillPercent })}
            onChange={(infillPercent) => change({ infillPercent })}
          />
        </div>
      )}
      {options.technology !== 'sls' && (
        <Switch
          label={t('editor.choose.supports')}
          description={t('editor.choose.supportsAbout')}
          checked={options.supports === 'auto'}
          onChange={({ currentTarget }) => change({ supports: currentTarget.checked ? 'auto' : 'none' })}
        />
      )}
      <Select
        label={t('editor.choose.finish')}
        allowDeselect={false}
        data={book.finishes
          .filter(({ id }) => material?.finishes.includes(id))
          .map(({ id, names }) => ({ value: id, label: named(names) }))}
        value={options.finish}
        onChange={(id) => id && change({ finish: id })}
      />
      <Quantity
        label={t('editor.choose.quantity')}
        max={10_000}
        value={options.quantity}
        onChange={(quantity) => change({ quantity })}
      />
    </Stack>
  )
}
