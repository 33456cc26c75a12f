import { Button, PasswordInput, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconCircleCheck } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields } from '../parts/actions.ts'
import { useProblemWords, type Words } from '../parts/problem.ts'
import { Empty } from '../parts/states.tsx'
import { Refused } from '../sign/frame.tsx'
import { PasswordStrength } from '../sign/password-strength.tsx'
import { hosted } from './api.ts'
import { HostedPage } from './layout.tsx'

const route = getRouteApi('/oidc/$handle/set-password')

/** The token stands behind the #, so that no server log ever sees it. */
export function SetPassword() {
  const { t } = useTranslation()
  const words = useProblemWords()
  const { handle } = route.useParams()
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '')
  const [refusal, setRefusal] = useState<Words>()
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (value) => (value.length < 10 ? t('password.tooShort') : null) },
  })
  const set = useMutation({
    mutationFn: (values: typeof form.values) =>
      hosted.setPasswordWithLink({ params: { handle }, body: { ...values, token } }),
    onMutate: () => setRefusal(undefined),
    onError: (error) => {
      if (!showAtFields(form, error, { passwordTooWeak: 'password' })) setRefusal(words(error))
    },
  })
  if (set.data)
    return (
      <HostedPage brand={set.data.brand} title={t('hosted.password.done')}>
        <Empty icon={IconCircleCheck} title={t('hosted.password.doneTitle')}>
          {t('hosted.password.doneAbout')}
        </Empty>
      </HostedPage>
    )
  return (
    <HostedPage brand={undefined} title={t('reset.title')} about={t('hosted.password.about')}>
      <form onSubmit={form.onSubmit((values) => set.mutate(values))}>
        <Stack gap="md">
          <Refused words={token ? refusal : { title: t('errors.linkInvalid') }} />
          <div>
            <PasswordInput
              label={t('field.newPassword')}
              autoComplete="new-password"
              maxLength={200}
              required
              withAsterisk={false}
              autoFocus
              visibilityToggleButtonProps={{ 'aria-label': t('field.showPassword') }}
              {...form.getInputProps('password')}
            />
            <PasswordStrength password={form.values.password} />
          </div>
          <Button type="submit" size="md" fullWidth loading={set.isPending} disabled={!token}>
            {t('reset.submit')}
          </Button>
        </Stack>
      </form>
    </HostedPage>
  )
}
