/** Inputs of the price book: numbers that may be empty for a moment, money in whole units, names in two languages. */
import { NumberInput, SimpleGrid, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { PriceBook } from '@pleiad/workshop/price/book'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../../i18n/i18n.ts'

export interface Draft {
  readonly note: string
  readonly book: PriceBook
}
export type BookForm = UseFormReturnType<Draft>

/** A field's path below `book`, as the form names it: `materials.2.price.amount`. */
export interface FieldAt {
  readonly form: BookForm
  readonly at: string
}

/** What the form says of a place, or of a place inside it. */
export function troubleAt(form: BookForm, at: string): ReactNode {
  const path = `book.${at}`
  const found = Object.keys(form.errors).find((name) => name === path || name.startsWith(`${path}.`))
  return found === undefined ? undefined : form.errors[found]
}

export function useBookInput({ form, at }: FieldAt) {
  const path = `book.${at}`
  const { value, onChange, ...rest } = form.getInputProps(path)
  return { ...rest, value, onChange, 'data-path': path }
}

interface NumberFieldProps extends FieldAt {
  readonly label?: string
  /** Instead of a label that is seen. */
  readonly name?: string
  readonly description?: string
  readonly suffix?: string
  readonly digits?: number
  /** How many of the stored number are one of those that are shown. */
  readonly scale?: number
  /** The stored number may have a fraction. */
  readonly fraction?: boolean
}

/** An emptied field is no number until it is filled in; the check says so. */
export function NumberField(props: NumberFieldProps) {
  const { form, at, label, name, description, suffix, digits = 2, scale = 1, fraction = scale === 1 } = props
  const { value, onChange, ...rest } = useBookInput({ form, at })
  const shown = Number.isFinite(value) ? Number((value / scale).toFixed(digits)) : ''
  const stored = (typed: number) =>
    fraction ? Number((typed * scale).toPrecision(12)) : Math.round(typed * scale)
  return (
    <NumberInput
      label={label}
      aria-label={name}
      description={description}
      suffix={suffix ? ` ${suffix}` : ''}
      decimalScale={digits}
      decimalSeparator={currentLanguage() === 'ru' ? ',' : '.'}
      allowedDecimalSeparators={['.', ',']}
      hideControls
      allowNegative={false}
      inputMode="decimal"
      {...rest}
      value={shown}
      onChange={(typed) => onChange(typed === '' ? Number.NaN : stored(Number(typed)))}
    />
  )
}

/** How many minor units a unit of the currency has, as digits. */
export function digitsOf(currency: string): number {
  try {
    return (
      new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ??
      2
    )
  } catch {
    // It is being typed.
    return 2
  }
}

/** An amount: stored in minor units, typed in whole ones. */
export function MoneyField({ per, more = 0, ...props }: NumberFieldProps & { per?: string; more?: number }) {
  const { currency } = props.form.values.book
  const digits = digitsOf(currency)
  return (
    <NumberField
      {...props}
      digits={digits + more}
      scale={10 ** digits}
      fraction={more > 0}
      suffix={per ? `${currency} / ${per}` : currency}
    />
  )
}

/** A text in both languages of the shop. */
export function NameFields({
  form,
  at,
  label,
  long = false,
}: FieldAt & { label: 'name' | 'about'; long?: boolean }) {
  const { t } = useTranslation()
  const Field = long ? Textarea : TextInput
  const props = { en: useBookInput({ form, at: `${at}.en` }), ru: useBookInput({ form, at: `${at}.ru` }) }
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      {(['en', 'ru'] as const).map((language) => (
        <Field
          key={language}
          label={t(`prices.${label}In.${language}`)}
          maxLength={long ? 1000 : 100}
          {...(long ? { autosize: true, minRows: 2 } : {})}
          {...props[language]}
        />
      ))}
    </SimpleGrid>
  )
}
