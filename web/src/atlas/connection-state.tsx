import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Connection } from './provider-list.ts'

const tones = { active: 'green', broken: 'red', revoked: 'gray' } as const

export function ConnectionState({ state }: { state: Connection['state'] }) {
  const { t } = useTranslation()
  return <Badge color={tones[state]}>{t(`atlas.connections.states.${state}`)}</Badge>
}
