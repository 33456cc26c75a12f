/** Why a part has no price by itself, in the reader's words. */
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'

/** The sentence for a code of mes; the detail, which is English, is added for English readers only. */
export function useReason(): (reason: { readonly code: string; readonly detail: string }) => string {
  const { t, i18n } = useTranslation()
  return ({ code, detail }) => {
    const key = `shop.priceReason.${code}`
    if (!i18next.exists(key)) return detail || code
    const words = t(key as 'shop.priceReason.partTooLarge')
    return i18n.language === 'en' && detail ? `${words} ${detail}` : words
  }
}
