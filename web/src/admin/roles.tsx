import {
  ActionIcon,
  Badge,
  Box,
  Button,
  Checkbox,
  Group,
  Modal,
  Stack,
  Table,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api.ts'
import { useMe } from '../me.ts'
import { showAtFields, useAction } from '../parts/actions.ts'
import { Confirm } from '../parts/confirm.tsx'
import { Page } from '../parts/page.tsx'
import { permissionWords } from '../parts/permissions.ts'
import { Loaded } from '../parts/states.tsx'
import classes from './roles.module.css'

type RoleList = Awaited<ReturnType<typeof api.auth.listRoles>>
type Role = RoleList['items'][number]
const rolesKey = ['auth', 'roles'] as const

export function Roles() {
  const { t } = useTranslation()
  const roles = useQuery({ queryKey: rolesKey, queryFn: ({ signal }) => api.auth.listRoles({ signal }) })
  const permissions = useQuery({
    queryKey: ['auth', 'permissions'],
    queryFn: ({ signal }) => api.auth.listPermissions({ signal }),
  })
  const [creating, setCreating] = useState(false)
  return (
    <Page
      wide
      title={t('place.roles')}
      about={t('placeAbout.roles')}
      actions={
        <Button leftSection={<IconPlus size={18} />} onClick={() => setCreating(true)}>
          {t('roles.create')}
        </Button>
      }
    >
      <Loaded query={roles}>
        {(list) => (
          <Loaded query={permissions}>
            {({ items }) => <Matrix roles={list.items} permissions={items} />}
          </Loaded>
        )}
      </Loaded>
      <Modal
        opened={creating}
        onClose={() => setCreating(false)}
        title={t('roles.create')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {creating && <CreateRole onClose={() => setCreating(false)} />}
      </Modal>
    </Page>
  )
}

function Matrix({
  roles,
  permissions,
}: {
  roles: readonly Role[]
  permissions: readonly { name: string; description: string }[]
}) {
  const { t } = useTranslation()
  const client = useQueryClient()
  const held = useMe().data?.permissions ?? []
  const [removing, setRemoving] = useState<Role>()
  const update = useAction({
    run: async ({ role, granted }: { role: Role; granted: string[] }) => {
      // An answer that is still on its way would take the tick away again.
      await client.cancelQueries({ queryKey: rolesKey })
      client.setQueryData<RoleList>(
        rolesKey,
        (old) =>
          old && {
            items: old.items.map((other) =>
              other.name === role.name ? { ...other, permissions: granted } : other,
            ),
          },
      )
      return api.auth.updateRole({ params: { role: role.name }, body: { permissions: granted } })
    },
    refresh: [rolesKey],
    onFail: () => {
      void client.invalidateQueries({ queryKey: rolesKey })
      return false
    },
  })
  const remove = useAction({
    run: (role: Role) => api.auth.deleteRole({ params: { role: role.name } }),
    done: t('roles.removed'),
    refresh: [rolesKey],
    onDone: () => setRemoving(undefined),
  })
  const services = [...new Set(permissions.map((permission) => permission.name.split(':')[0]!))]
  return (
    <Box component="section" className="panel" style={{ overflow: 'hidden' }}>
      <Table.ScrollContainer
        minWidth={320 + roles.length * 120}
        scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      >
        <Table className={classes.matrix!}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('roles.permission')}</Table.Th>
              {roles.map((role) => (
                <Table.Th key={role.name} scope="col" ta="center">
                  <Tooltip label={role.description}>
                    <Text fw={600} size="sm" component="span">
                      {role.name}
                    </Text>
                  </Tooltip>
                  <Group gap={4} justify="center" wrap="nowrap" h={28}>
                    <Text size="xs" c="dimmed" fw={450}>
                      {role.name === 'member'
                        ? t('roles.everybody')
                        : t('roles.holders', { count: role.holders })}
                    </Text>
                    {!role.builtIn && (
                      <ActionIcon
                        size="sm"
                        variant="subtle"
                        color="gray"
                        aria-label={t('roles.removeNamed', { name: role.name })}
                        onClick={() => setRemoving(role)}
                      >
                        <IconTrash size={15} />
                      </ActionIcon>
                    )}
                  </Group>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          {services.map((service) => (
            <Table.Tbody key={service}>
              <Table.Tr className={classes.group!}>
                <Table.Th scope="colgroup" colSpan={roles.length + 1}>
                  {service}
                </Table.Th>
              </Table.Tr>
              {permissions
                .filter((permission) => permission.name.startsWith(`${service}:`))
                .map((permission) => (
                  <Table.Tr key={permission.name}>
                    <Table.Th scope="row" fw={450}>
                      <Text size="sm">{permissionWords(permission.name, permission.description)}</Text>
                      <Text size="xs" c="dimmed" className="mono">
                        {permission.name}
                      </Text>
                    </Table.Th>
                    {roles.map((role) => (
                      <Table.Td key={role.name}>
                        <Checkbox
                          display="flex"
                          styles={{ root: { justifyContent: 'center' } }}
                          aria-label={`${role.name}: ${permission.name}`}
                          checked={role.name === 'admin' || role.permissions.includes(permission.name)}
                          disabled={role.builtIn || !held.includes(permission.name)}
                          onChange={(event) =>
                            update.mutate({
                              role,
                              granted: event.currentTarget.checked
                                ? [...role.permissions, permission.name]
                                : role.permissions.filter((name) => name !== permission.name),
                            })
                          }
                        />
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
            </Table.Tbody>
          ))}
        </Table>
      </Table.ScrollContainer>
      <Text size="sm" c="dimmed" p="md" component="div">
        <Badge color="gray">admin</Badge> {t('roles.adminAbout')}
      </Text>
      <Confirm
        opened={removing !== undefined}
        title={t('roles.remove')}
        confirm={t('roles.remove')}
        pending={remove.isPending}
        onConfirm={() => removing && remove.mutate(removing)}
        onClose={() => setRemoving(undefined)}
      >
        {t('roles.removeAbout', { name: removing?.name ?? '', count: removing?.holders ?? 0 })}
      </Confirm>
    </Box>
  )
}

function CreateRole({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const form = useForm({
    initialValues: { name: '', description: '' },
    validate: {
      name: (value) => (/^[a-z][a-z0-9-]{1,39}$/.test(value) ? null : t('roles.nameBad')),
      description: (value) => (value.trim() ? null : t('field.needed')),
    },
  })
  const create = useAction({
    run: (values: typeof form.values) => api.auth.createRole({ body: { ...values, permissions: [] } }),
    done: t('roles.created'),
    refresh: [rolesKey],
    onDone: onClose,
    onFail: (error) => showAtFields(form, error, { roleExists: 'name' }),
  })
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        <TextInput
          label={t('field.name')}
          description={t('roles.nameAbout')}
          maxLength={40}
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('roles.purpose')}
          maxLength={200}
          required
          withAsterisk={false}
          {...form.getInputProps('description')}
        />
        <Button type="submit" loading={create.isPending}>
          {t('roles.create')}
        </Button>
      </Stack>
    </form>
  )
}
