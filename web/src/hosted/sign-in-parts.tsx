import { Button, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { hosted, type SignInDetails, type Step } from './api.ts'

/** What the page shows now. Linking is told by the server and stays across a reload. */
export type View =
  | { readonly name: 'signIn' | 'signUp' | 'forgot' }
  | { readonly name: 'enterCode' | 'reset'; readonly email: string }

/** What the parts of the page share. */
export interface SignInProps {
  readonly params: { readonly handle: string; readonly uid: string }
  readonly details: SignInDetails
  readonly show: (view: View) => void
  /** Goes on as the server says. */
  readonly follow: (step: Step) => void
}

/** The way out that is always there: back to the app, unsigned. */
export function CancelButton({ params, follow }: Pick<SignInProps, 'params' | 'follow'>) {
  const { t } = useTranslation()
  const [pending, setPending] = useState(false)
  return (
    <Stack align="center">
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        loading={pending}
        onClick={() => {
          setPending(true)
          hosted
            .cancelSignIn({ params })
            .then(follow)
            .catch(() => setPending(false))
        }}
      >
        {t('hosted.cancel')}
      </Button>
    </Stack>
  )
}
