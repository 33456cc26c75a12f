/** Actions people take: pending at once, success and failure told in words. */
import { notifications } from '@mantine/notifications'
import { ProblemError } from '@pleiad/platform/client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { flushSync } from 'react-dom'
import { fieldErrors, isProblem, problemWords } from './problem.ts'
import { NotProved } from './proven.ts'

export interface ActionOptions<Input, Result> {
  readonly run: (input: Input) => Promise<Result>
  /** Said when it worked. */
  readonly done?: string | ((result: Result, input: Input) => string)
  /** Query keys that are stale afterwards. */
  readonly refresh?: readonly (readonly unknown[])[]
  readonly onDone?: (result: Result, input: Input) => void
  /** Returns true when it has shown the failure itself. */
  readonly onFail?: (error: unknown) => boolean | undefined
}

const closing = () => ({ closeButtonProps: { 'aria-label': i18next.t('action.close') } })

export function tell(message: string): void {
  notifications.show({ message, color: 'green', autoClose: 4000, withBorder: true, ...closing() })
}

export function tellFailure(error: unknown): void {
  const words = problemWords(error)
  notifications.show({
    title: words.title,
    message: words.detail ?? '',
    color: 'red',
    autoClose: 9000,
    withBorder: true,
    ...closing(),
  })
}

/** A mutation that tells how it went. `isPending` is set within the click, so the button shows that it was taken. */
export function useAction<Input = void, Result = unknown>(options: ActionOptions<Input, Result>) {
  const client = useQueryClient()
  return useMutation<Result, unknown, Input>({
    mutationFn: options.run,
    onSuccess: async (result, input) => {
      options.onDone?.(result, input)
      if (options.done) tell(typeof options.done === 'function' ? options.done(result, input) : options.done)
      await Promise.all((options.refresh ?? []).map((queryKey) => client.invalidateQueries({ queryKey })))
    },
    onError: (error) => {
      if (error instanceof NotProved) return
      // Somebody else was faster: what is there now is shown, so that the next try is about it.
      if (isProblem(error, 'preconditionFailed'))
        for (const queryKey of options.refresh ?? []) void client.invalidateQueries({ queryKey })
      if (!options.onFail?.(error)) tellFailure(error)
    },
  })
}

interface Fields {
  getValues: () => object
  setErrors: (errors: Record<string, string>) => void
}

/**
 * Puts a refusal at the inputs it is about and moves the focus to the first. `codes` names the field that an error
 * code is about. Returns false when the refusal is about none of them and has to be told otherwise.
 */
export function showAtFields(
  form: Fields,
  error: unknown,
  codes: Readonly<Record<string, string>> = {},
): boolean {
  const errors = fieldErrors(error, form.getValues())
  const field = error instanceof ProblemError ? codes[error.code] : undefined
  if (field) errors[field] ??= problemWords(error).title
  if (Object.keys(errors).length === 0) return false
  goToTrouble(() => form.setErrors(errors))
  return true
}

/** Shows what is wrong, then moves the focus to the first input at which it is. */
export function goToTrouble(show: () => void): void {
  // Drawn now: on a busy machine the next frames come first, and would find nothing to go to.
  flushSync(show)
  // What was folded away can have the focus two frames after it begins to open.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus()),
  )
}
