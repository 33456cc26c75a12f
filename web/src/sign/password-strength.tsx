import { Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './password-strength.module.css'

/**
 * How hard a password is to guess, 0 to 4, by length and variety: advice while typing, not a rule.
 * The server decides (it also knows common passwords).
 */
export function strengthOf(password: string): number {
  if (password.length < 10) return password.length === 0 ? 0 : 1
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length
  const distinct = new Set(password).size
  if (distinct < 6) return 1
  return Math.min(4, 2 + (password.length >= 14 ? 1 : 0) + (password.length >= 18 || kinds >= 3 ? 1 : 0))
}

const names = ['weak', 'weak', 'fair', 'good', 'strong'] as const

export function PasswordStrength({ password }: { password: string }) {
  const { t } = useTranslation()
  const strength = strengthOf(password)
  return (
    <Group gap="sm" mt={8} wrap="nowrap">
      <div className={classes.bars} data-strength={strength} aria-hidden="true">
        {[1, 2, 3, 4].map((bar) => (
          <span key={bar} data-on={bar <= strength || undefined} />
        ))}
      </div>
      <Text size="xs" c="dimmed" aria-live="polite">
        {password === '' ? t('password.about') : t(`password.${names[strength] ?? 'weak'}`)}
      </Text>
    </Group>
  )
}
