import { Loader, TextInput, type TextInputProps } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconCheck, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'

/** A username, checked while it is typed. `own` is the name one has already, which needs no check. */
export function UsernameInput({ own, ...props }: TextInputProps & { own?: string }) {
  const { t } = useTranslation()
  const typed = String(props.value ?? '')
    .trim()
    .toLowerCase()
  const [name] = useDebouncedValue(typed, 300)
  const asked = name.length >= 3 && name !== own
  const check = useQuery({
    queryKey: ['users', 'username', name],
    queryFn: ({ signal }) => api.users.checkUsername({ params: { username: name }, signal }),
    enabled: asked,
  })
  const settled = asked && typed === name ? check.data : undefined
  const waiting = typed.length >= 3 && typed !== own && (typed !== name || check.isFetching)
  const reason = settled && !settled.available ? t(`username.${settled.reason ?? 'taken'}`) : undefined
  return (
    <TextInput
      label={t('field.username')}
      description={settled?.available ? t('username.free') : t('username.about')}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={30}
      required
      withAsterisk={false}
      leftSection="@"
      rightSection={
        waiting ? (
          <Loader size={16} />
        ) : settled ? (
          settled.available ? (
            <IconCheck size={18} color="var(--mantine-color-green-6)" />
          ) : (
            <IconX size={18} color="var(--mantine-color-red-6)" />
          )
        ) : null
      }
      {...props}
      error={props.error ?? reason}
    />
  )
}
