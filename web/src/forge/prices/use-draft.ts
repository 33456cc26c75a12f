/** The form of a draft: checked before it is sent, never overwritten by what others saved meanwhile. */
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { fieldErrors } from '../../parts/problem.ts'
import { forge } from '../api.ts'
import { type Book, bookQuery, booksKey } from './data.ts'
import type { BookForm, Draft } from './fields.tsx'
import { troublesOf } from './problems.ts'

/** @param show brings the field of a problem into view. */
export function useDraft(book: Book, show: (field: string) => void) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const stored: Draft = { note: book.note, book: book.book }
  const form: BookForm = useForm<Draft>({ initialValues: stored })
  /** The revision that the form was filled from. */
  const [base, setBase] = useState(book.revision)
  const dirty = form.isDirty()
  const refill = (values: Draft, revision: number) => {
    form.setInitialValues(values)
    form.setValues(values)
    form.resetDirty(values)
    form.clearErrors()
    setBase(revision)
  }
  const mark = (errors: Record<string, string>) => {
    form.setErrors(errors)
    const first = Object.keys(errors)[0]
    if (first !== undefined) show(first)
  }
  const save = useAction({
    run: (body: Draft) =>
      forge.mes.updateBook({ params: { version: book.version }, body, ifMatch: String(base) }),
    done: t('prices.saved'),
    refresh: [booksKey],
    onDone: (saved) => {
      client.setQueryData(bookQuery(book.version).queryKey, saved)
      refill({ note: saved.note, book: saved.book }, saved.revision)
    },
    onFail: (error) => {
      const errors = fieldErrors(error, form.getValues())
      if (Object.keys(errors).length === 0) return false
      mark(errors)
      return true
    },
  })
  const newer = book.revision > base && !save.isPending
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what others saved matters here.
  useEffect(() => {
    if (newer && !dirty) refill(stored, book.revision)
  }, [newer, dirty, book.revision])
  return {
    form,
    save,
    dirty,
    /** Others saved what this form was filled from, and it has changes of its own. */
    conflict: newer && dirty,
    takeTheirs: () => refill(stored, book.revision),
    keepMine: () => setBase(book.revision),
    discard: () => refill(stored, book.revision),
    submit: () => {
      const values = form.getValues()
      const troubles = Object.entries(troublesOf(values.book)).map(([at, words]) => [`book.${at}`, words])
      if (troubles.length > 0) mark(Object.fromEntries(troubles))
      else save.mutate(values)
    },
  }
}
