/** Money, sizes and names in the reader's language. */
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../i18n/i18n.ts'

/** `amount` is in minor units (cents) of the currency. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat(i18next.language, { style: 'currency', currency })
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2))
}

/** `money` of a page that follows a change of language. */
export function useMoney(): typeof money {
  useTranslation()
  return money
}

/** “€21.90 – €31.50”; one price where both ends are the same. */
export function useInterval() {
  const { t } = useTranslation()
  return (ends: { readonly low: number; readonly high: number }, currency: string): string => {
    const [low, high] = [money(ends.low, currency), money(ends.high, currency)]
    return low === high ? low : t('shop.about', { low, high })
  }
}

/** A name in the reader's language. */
export function named(names: { readonly en: string; readonly ru: string }): string {
  return names[currentLanguage()] || names.en
}

/** A number with at most `digits` digits after the point. */
export function number(value: number, digits = 1): string {
  return new Intl.NumberFormat(i18next.language, { maximumFractionDigits: digits }).format(value)
}

/** “STL, OBJ, or 3MF”. */
export function anyOf(names: readonly string[]): string {
  return new Intl.ListFormat(i18next.language, { type: 'disjunction' }).format(names)
}

/** “20 × 30 × 10 mm”. */
export function sizeWords(size: { readonly x: number; readonly y: number; readonly z: number }): string {
  return i18next.t('shop.size', { x: number(size.x), y: number(size.y), z: number(size.z) })
}

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

export function bytes(size: number): string {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3))
  return new Intl.NumberFormat(i18next.language, {
    style: 'unit',
    unit: units[step]!,
    maximumFractionDigits: step === 0 ? 0 : 1,
  }).format(size / 1000 ** step)
}

/** “2 h 5 min”. */
export function duration(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60))
  const unit = (value: number, name: 'hour' | 'minute') =>
    new Intl.NumberFormat(i18next.language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value)
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  return [hours > 0 && unit(hours, 'hour'), (rest > 0 || hours === 0) && unit(rest, 'minute')]
    .filter(Boolean)
    .join(' ')
}
