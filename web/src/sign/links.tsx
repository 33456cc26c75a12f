/** Pages that mailed links lead to. The token is in the fragment, so it reaches no log and no other site. */
import { Button } from '@mantine/core'
import { IconLinkOff, IconMailCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, queryClient } from '../api.ts'
import { meKey } from '../me.ts'
import { isProblem } from '../parts/problem.ts'
import { Empty, Failed, Waiting } from '../parts/states.tsx'
import { isSignedIn } from '../session.ts'
import { Frame } from './frame.tsx'

/** The token of the link that was opened. */
export function useLinkToken(): string | undefined {
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? undefined)
  return token
}

export function BrokenLink() {
  const { t } = useTranslation()
  return (
    <Frame title={t('link.brokenTitle')}>
      <Empty
        icon={IconLinkOff}
        title={t('errors.linkInvalid')}
        action={
          <Button renderRoot={(props) => <Link to="/sign-in" {...props} />}>{t('signIn.submit')}</Button>
        }
      >
        {t('link.brokenAbout')}
      </Empty>
    </Frame>
  )
}

function MailedLink({
  name,
  use,
}: {
  name: 'verify' | 'changed'
  use: (token: string) => Promise<{ email: string }>
}) {
  const { t } = useTranslation()
  const token = useLinkToken()
  // A query, not a mutation in an effect: it runs once, however often the page renders.
  const used = useQuery({
    queryKey: ['link', name, token],
    queryFn: () => use(token ?? ''),
    enabled: token !== undefined,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (!token || isProblem(used.error, 'linkInvalid')) return <BrokenLink />
  return (
    <Frame title={t(`link.${name}Title`)}>
      {used.isError && <Failed error={used.error} retry={() => void used.refetch()} />}
      {used.isPending && <Waiting rows={2} />}
      {used.data && (
        <Empty
          icon={IconMailCheck}
          title={used.data.email}
          action={
            <Button renderRoot={(props) => <Link to={isSignedIn() ? '/' : '/sign-in'} {...props} />}>
              {t(isSignedIn() ? 'action.continue' : 'signIn.submit')}
            </Button>
          }
        >
          {t(`link.${name}About`)}
        </Empty>
      )}
    </Frame>
  )
}

const refreshed = async (answer: Promise<{ email: string }>) => {
  const done = await answer
  await queryClient.invalidateQueries({ queryKey: meKey })
  return done
}

export function VerifyEmail() {
  return <MailedLink name="verify" use={(token) => refreshed(api.auth.verifyEmail({ body: { token } }))} />
}

export function ConfirmEmail() {
  return (
    <MailedLink name="changed" use={(token) => refreshed(api.auth.confirmEmailChange({ body: { token } }))} />
  )
}
