import { Anchor, Button, Stack } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, queryClient } from '../api.ts'
import { tell } from '../parts/actions.ts'
import { useProblemWords, type Words } from '../parts/problem.ts'
import { Empty } from '../parts/states.tsx'
import { isSignedIn, renewNow } from '../session.ts'
import { Frame, Refused } from './frame.tsx'
import { BrokenLink } from './links.tsx'
import { CheckMail, SignUpForm } from './sign-up.tsx'

const route = getRouteApi('/door/setup')

/** The one-time link that the server prints on its first start: whoever opens it becomes the first administrator. */
export function Setup() {
  const { t } = useTranslation()
  const { code } = route.useSearch()
  const [mailed, setMailed] = useState<string>()
  if (!code) return <BrokenLink />
  if (mailed !== undefined) return <CheckMail email={mailed} />
  if (isSignedIn()) return <Claim code={code} />
  return (
    <Frame
      title={t('setup.title')}
      about={
        <>
          {t('setup.about')}{' '}
          <Anchor
            underline="always"
            renderRoot={(props) => (
              <Link to="/sign-in" search={{ to: `/setup?code=${encodeURIComponent(code)}` }} {...props} />
            )}
          >
            {t('setup.haveAccount')}
          </Anchor>
        </>
      }
    >
      <SignUpForm setupCode={code} onMailed={setMailed} />
    </Frame>
  )
}

function Claim({ code }: { code: string }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const navigate = useNavigate()
  const [refusal, setRefusal] = useState<Words>()
  const claim = useMutation({
    mutationFn: async () => {
      await api.auth.claimAdministrator({ body: { code } })
      // The next access token carries the role.
      await renewNow()
    },
    onMutate: () => setRefusal(undefined),
    onSuccess: async () => {
      await queryClient.invalidateQueries()
      tell(t('setup.done'))
      void navigate({ to: '/' })
    },
    onError: (error) => setRefusal(words(error)),
  })
  return (
    <Frame title={t('setup.title')}>
      <Stack>
        <Refused words={refusal} />
        <Empty
          icon={IconShieldCheck}
          title={t('setup.claimTitle')}
          action={
            <Button loading={claim.isPending} onClick={() => claim.mutate()}>
              {t('setup.claim')}
            </Button>
          }
        >
          {t('setup.claimAbout')}
        </Empty>
      </Stack>
    </Frame>
  )
}
