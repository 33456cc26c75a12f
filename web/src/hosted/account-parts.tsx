import { Alert, Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { hosted } from './api.ts'

export type Account = Awaited<ReturnType<typeof hosted.getAccount>>
export const accountKey = (handle: string, part: string) => ['hosted', 'account', handle, part] as const

/** Where a person signs in to see their account; it leads back here. */
export function signInAddress(handle: string): string {
  return `/oidc/${handle}/account/sign-in`
}

/** Some changes need a sign-in of the last minutes. */
export function SignInAgain({ handle }: { handle: string }) {
  const { t } = useTranslation()
  return (
    <Alert color="yellow" title={t('errors.signInAgain')} role="alert">
      <Button component="a" href={signInAddress(handle)} size="xs" variant="default">
        {t('hosted.account.signInAgain')}
      </Button>
    </Alert>
  )
}
