import { Select } from '@mantine/core'
import { hasRole, type ProjectRole, projectRoles } from '@pleiad/platform/contract'
import { useTranslation } from 'react-i18next'
import { useProject } from './project.ts'

/** The roles one may give, with what they may do. */
export function RoleSelect(props: { value: ProjectRole; onChange: (role: ProjectRole) => void }) {
  const { t } = useTranslation()
  const { role = 'viewer' } = useProject()
  return (
    <Select
      label={t('atlas.members.role')}
      description={t(`atlas.roleAbout.${props.value}`)}
      allowDeselect={false}
      data={projectRoles
        .filter((one) => hasRole(role, one))
        .map((one) => ({ value: one, label: t(`atlas.role.${one}`) }))}
      value={props.value}
      onChange={(value) => props.onChange(value as ProjectRole)}
    />
  )
}
