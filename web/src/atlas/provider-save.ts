/** Saving a provider: refusals at their fields, and a merge when somebody else was faster. */
import type { UseFormReturnType } from '@mantine/form'
import { ProblemError } from '@pleiad/platform/client'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { queryClient } from '../api.ts'
import { goToTrouble, useAction } from '../parts/actions.ts'
import { isProblem, problemWords } from '../parts/problem.ts'
import { atlas } from './api.ts'
import { usePlace } from './project.ts'
import { type CatalogueEntry, type Configuration, providersQuery } from './provider-list.ts'
import {
  type Conflicting,
  changes,
  errorsAtFields,
  merge,
  type Values,
  valuesOf,
  writtenOf,
} from './provider-values.ts'
import { saidOfField } from './provider-words.ts'

export function useSaveProvider({
  entry,
  form,
  configuration,
  onDone,
  onTrouble,
}: {
  entry: CatalogueEntry
  form: UseFormReturnType<Values>
  configuration: Configuration | undefined
  onDone: (saved: Configuration) => void
  /** Gets the names of the inputs at which something is wrong. */
  onTrouble: (names: string[]) => void
}) {
  const { t } = useTranslation()
  const place = usePlace()
  // What my changes are counted from; a newer one after a conflict.
  const [current, setCurrent] = useState(configuration)
  const [merged, setMerged] = useState<Conflicting>()

  async function send(values: Values): Promise<Configuration> {
    const secret = values.secret.trim() === '' ? {} : { secret: values.secret.trim() }
    const written = writtenOf(values)
    if (!current)
      return atlas.oauth.configureProvider({
        params: place,
        body: {
          ...written,
          ...secret,
          catalogue: entry.catalogue,
          ...(entry.generic ? { provider: values.provider } : {}),
        },
      })
    const body = { ...changes(current, written), ...secret }
    if (Object.keys(body).length === 0) return current
    const params = { ...place, provider: current.provider }
    return atlas.oauth.updateProvider({ params, body, ifMatch: String(current.version) })
  }

  /** Takes over what somebody else has saved, and leaves mine on top, to be looked at and saved again. */
  async function mend(before: Configuration): Promise<void> {
    const theirs = await atlas.oauth.getProvider({ params: { ...place, provider: before.provider } })
    const { secret } = form.getValues()
    const result = merge(before, writtenOf(form.getValues()), theirs, secret.trim() !== '')
    form.setValues({ ...valuesOf(entry, result.written, before.provider), secret })
    setCurrent(theirs)
    setMerged(result)
  }

  function showRefusal(error: unknown): boolean {
    if (!(error instanceof ProblemError)) return false
    const errors = errorsAtFields(error.problem.errors ?? [], form.getValues(), {
      field: saidOfField,
      line: (number, trouble) => t('atlas.providers.line', { number, trouble }),
    })
    if (isProblem(error, 'providerConfigured') && entry.generic)
      errors['provider'] = problemWords(error).title
    if (Object.keys(errors).length === 0) return false
    goToTrouble(() => {
      form.setErrors(errors)
      onTrouble(Object.keys(errors))
    })
    return true
  }

  const action = useAction({
    run: async (values: Values) => {
      try {
        return await send(values)
      } catch (error) {
        if (!current || !isProblem(error, 'preconditionFailed')) throw error
        await mend(current)
        return undefined
      }
    },
    refresh: [['oauth'], ['projects', 'activity']],
    onDone: (saved) => {
      if (!saved) return
      queryClient.setQueryData(
        providersQuery(place).queryKey,
        (old) =>
          old && {
            items: old.items.some(({ provider }) => provider === saved.provider)
              ? old.items.map((item) => (item.provider === saved.provider ? saved : item))
              : [...old.items, saved],
          },
      )
      onDone(saved)
    },
    onFail: showRefusal,
  })
  return {
    submit: (values: Values) => {
      setMerged(undefined)
      action.mutate(values)
    },
    showTrouble: (names: string[]) => goToTrouble(() => onTrouble(names)),
    isPending: action.isPending,
    isSuccess: action.isSuccess && action.data !== undefined,
    /** What is kept by now; its secret may have been set by somebody else. */
    current,
    merged,
  }
}
