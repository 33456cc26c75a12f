/** Where the link of an invitation leads: what it is about, and yes or no. Anybody with the link sees it. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { queryClient } from '../api.ts'
import { useMe } from '../me.ts'
import { tell } from '../parts/actions.ts'
import { useProblemWords } from '../parts/problem.ts'
import { Waiting } from '../parts/states.tsx'
import { When } from '../parts/time.tsx'
import { isSignedIn } from '../session.ts'
import { Frame, Refused } from '../sign/frame.tsx'
import { atlas } from './api.ts'
import { ProjectAvatar } from './project-avatar.tsx'

const KEPT = 'pleiad.invitation'

/** The token stands behind the #. It is kept for this tab, so that signing in does not lose it. */
function takeToken(): string {
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token')
  if (token) sessionStorage.setItem(KEPT, token)
  return token ?? sessionStorage.getItem(KEPT) ?? ''
}

export function InvitationPage() {
  const { t } = useTranslation()
  const words = useProblemWords()
  const navigate = useNavigate()
  const [token] = useState(takeToken)
  const preview = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => atlas.projects.previewInvitation({ body: { token }, signal }),
    enabled: token !== '',
    retry: false,
  })
  const answer = useMutation({
    mutationFn: async (accept: boolean) => {
      if (accept) return atlas.projects.acceptInvitation({ body: { token } })
      await atlas.projects.declineInvitation({ body: { token } })
      return undefined
    },
    onSuccess: (project) => {
      sessionStorage.removeItem(KEPT)
      void queryClient.invalidateQueries({ queryKey: ['projects'] })
      if (project) void navigate({ to: '/atlas/$slug', params: { slug: project.slug } })
      else {
        tell(t('atlas.invitation.declined'))
        void navigate({ to: '/' })
      }
    },
  })
  if (token === '')
    return (
      <Frame title={t('atlas.invitation.title')}>
        <Refused words={{ title: t('errors.invitationUnknown') }} />
      </Frame>
    )
  if (!preview.data)
    return (
      <Frame title={t('atlas.invitation.title')}>
        {preview.isError ? <Refused words={words(preview.error)} /> : <Waiting rows={3} />}
      </Frame>
    )
  const { projectName, inviterName, role, email, expiresAt, logoUrl } = preview.data
  return (
    <Frame
      title={t('atlas.invitation.title')}
      about={t(inviterName ? 'atlas.invitation.from' : 'atlas.invitation.fromNobody', {
        name: inviterName,
        project: projectName,
      })}
    >
      <Stack gap="lg">
        {answer.isError && <Refused words={words(answer.error)} />}
        <Group wrap="nowrap" className="panel" p="md">
          <ProjectAvatar project={{ name: projectName, ...(logoUrl ? { logoUrl } : {}) }} size={44} />
          <div>
            <Text fw={600} className="wrap-anywhere">
              {projectName}
            </Text>
            <Text size="sm" c="dimmed" className="wrap-anywhere">
              {t(`atlas.role.${role}`)} · {email}
            </Text>
            <Text size="sm" c="dimmed">
              {t('atlas.members.expires')} <When time={expiresAt} />
            </Text>
          </div>
        </Group>
        {isSignedIn() ? (
          <>
            <Button
              size="md"
              fullWidth
              loading={answer.isPending && answer.variables === true}
              onClick={() => answer.mutate(true)}
            >
              {t('atlas.invitation.accept')}
            </Button>
            <As />
          </>
        ) : (
          <>
            <Text size="sm" c="dimmed">
              {t('atlas.invitation.signInFirst')}
            </Text>
            <Button
              size="md"
              fullWidth
              onClick={() => void navigate({ to: '/sign-in', search: { to: '/invitation' } })}
            >
              {t('signIn.submit')}
            </Button>
            <Button
              size="md"
              fullWidth
              variant="default"
              onClick={() => void navigate({ to: '/sign-up', search: { to: '/invitation' } })}
            >
              {t('signIn.register')}
            </Button>
          </>
        )}
        <Button
          variant="subtle"
          color="gray"
          loading={answer.isPending && answer.variables === false}
          onClick={() => answer.mutate(false)}
        >
          {t('atlas.invitation.decline')}
        </Button>
      </Stack>
    </Frame>
  )
}

/** Whose account becomes the member: the invitation may have gone to another address. */
function As() {
  const { t } = useTranslation()
  const email = useMe().data?.email
  return (
    <Text size="sm" c="dimmed" ta="center" className="wrap-anywhere">
      {email && t('atlas.invitation.as', { email })}
    </Text>
  )
}
