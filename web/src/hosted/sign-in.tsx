/** A project's sign-in page. What it asks comes from the server; what comes next as well (`Step`). */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemWords } from '../parts/problem.ts'
import { Waiting } from '../parts/states.tsx'
import { Refused } from '../sign/frame.tsx'
import { hosted, type Step } from './api.ts'
import { EnterCode, ForgotPassword, ResetPassword } from './codes.tsx'
import { Consent } from './consent.tsx'
import { HostedPage } from './layout.tsx'
import { ReturnedFromProvider } from './providers.tsx'
import { SignInForm } from './sign-in-form.tsx'
import type { SignInProps, View } from './sign-in-parts.tsx'
import { SignUpForm } from './sign-up-form.tsx'

const route = getRouteApi('/oidc/$handle/sign-in/$uid')

export function HostedSignIn() {
  const { t } = useTranslation()
  const words = useProblemWords()
  const params = route.useParams()
  const { ticket, error } = route.useSearch()
  const navigate = route.useNavigate()
  const [view, show] = useState<View>({ name: 'signIn' })
  const details = useQuery({
    queryKey: ['hosted', 'sign-in', params.handle, params.uid],
    queryFn: ({ signal }) => hosted.getSignIn({ params, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })

  if (details.isPending)
    return (
      <HostedPage brand={undefined} title={t('hosted.signIn.title')}>
        <Waiting rows={4} />
      </HostedPage>
    )
  if (details.isError)
    return (
      <HostedPage brand={undefined} title={t('hosted.gone.title')}>
        <Refused words={words(details.error)} />
      </HostedPage>
    )

  const follow = (step: Step) => {
    if (step.step === 'continue') window.location.assign(step.url)
    else if (step.step === 'enterCode') show({ name: 'enterCode', email: step.email })
    else {
      show({ name: 'signIn' })
      void details.refetch()
    }
  }
  const parts: SignInProps = { params, details: details.data, show, follow }
  if (ticket)
    return (
      <ReturnedFromProvider
        {...parts}
        ticket={ticket}
        leave={() => void navigate({ search: {}, replace: true })}
      />
    )
  if (details.data.prompt === 'consent') return <Consent {...parts} />
  if (view.name === 'enterCode') return <EnterCode {...parts} email={view.email} />
  if (view.name === 'forgot') return <ForgotPassword {...parts} />
  if (view.name === 'reset') return <ResetPassword {...parts} email={view.email} />
  if (view.name === 'signUp') return <SignUpForm {...parts} />
  // Anew when an account is found: its address stands in the form, and cannot be changed there.
  return <SignInForm key={details.data.linking?.email ?? ''} {...parts} providerError={error} />
}
