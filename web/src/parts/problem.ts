/** Refusals in the reader's words. */
import { ProblemError } from '@pleiad/platform/client'
import i18next from 'i18next'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

export interface Words {
  readonly title: string
  readonly detail?: string
}

/** The sentence for `error` in the current language. The server's own (English) detail is added for English readers only. */
export function problemWords(error: unknown): Words {
  if (!(error instanceof ProblemError))
    return { title: i18next.t('errors.offline'), detail: i18next.t('errors.offlineDetail') }
  const { problem } = error
  const key = `errors.${problem.code}`
  const title = i18next.exists(key) ? i18next.t(key as 'errors.internal') : problem.title
  const english =
    i18next.language === 'en' && problem.detail && problem.detail !== problem.title
      ? problem.detail
      : undefined
  const reference =
    problem.status >= 500 && problem.requestId
      ? i18next.t('errors.reference', { id: problem.requestId })
      : undefined
  const detail = [english, reference].filter(Boolean).join(' ')
  return detail ? { title, detail } : { title }
}

/** `problemWords` that follows a change of language. */
export function useProblemWords(): (error: unknown) => Words {
  const { i18n } = useTranslation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new language makes new words.
  return useCallback((error: unknown) => problemWords(error), [i18n.language])
}

/**
 * Bad fields by their name, for a form. `/body/address/city` and `body.address.city` become `address.city`.
 * `values` says which fields the form has; the others are left to the general message.
 */
export function fieldErrors(error: unknown, values: object): Record<string, string> {
  if (!(error instanceof ProblemError)) return {}
  const found: Record<string, string> = {}
  for (const { path, message } of error.problem.errors ?? []) {
    const name = path.replace(/^[/.]?(body[/.])?/, '').replaceAll('/', '.')
    if (name.split('.')[0]! in values)
      found[name] ??= i18next.language === 'en' ? message : i18next.t('errors.field')
  }
  return found
}

export function isProblem(error: unknown, code: string): boolean {
  return error instanceof ProblemError && error.code === code
}
