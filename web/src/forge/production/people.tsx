import { Badge, Button, Group, Menu, Modal, Text } from '@mantine/core'
import { IconEdit, IconPlus, IconUsersGroup } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { ItemMenu } from '../../parts/item-menu.tsx'
import { ItemTable } from '../../parts/item-table.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { Empty, Loaded, Waiting } from '../../parts/states.tsx'
import { type Operator, operatorsQuery, useProductionLive } from './data.ts'
import { OperatorForm } from './operator-form.tsx'
import { Shifts } from './shifts.tsx'

/** Who works here, what they can do, and when they come. */
export function People() {
  const { t } = useTranslation()
  const may = useMay()
  const heads = may('production:configure')
  const [dialog, setDialog] = useState<Operator | 'new'>()
  useProductionLive()
  const operators = useQuery(operatorsQuery)
  const close = () => setDialog(undefined)
  return (
    <Page wide title={t('production.people.title')} about={t('production.people.about')}>
      <Section
        title={t('production.people.operators')}
        actions={
          heads && (
            <Button leftSection={<IconPlus size={17} />} onClick={() => setDialog('new')}>
              {t('production.people.add')}
            </Button>
          )
        }
      >
        <Loaded query={operators} waiting={<Waiting rows={4} />}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon={IconUsersGroup} title={t('production.people.none')}>
                {t(heads ? 'production.people.noneAdd' : 'production.people.noneAbout')}
              </Empty>
            ) : (
              <OperatorTable items={items} onChange={heads ? setDialog : undefined} />
            )
          }
        </Loaded>
      </Section>
      {operators.data && operators.data.length > 0 && <Shifts operators={operators.data} />}
      <Modal
        opened={dialog !== undefined}
        onClose={close}
        title={
          dialog === 'new' || !dialog
            ? t('production.people.add')
            : t('production.people.changeNamed', { name: dialog.name })
        }
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {dialog && <OperatorForm {...(dialog === 'new' ? {} : { operator: dialog })} onClose={close} />}
      </Modal>
    </Page>
  )
}

function OperatorTable({
  items,
  onChange,
}: {
  items: readonly Operator[]
  onChange: ((operator: Operator) => void) | undefined
}) {
  const { t } = useTranslation()
  const skills = ({ skills: known }: Operator) =>
    known.length === 0 ? (
      <Text size="sm" c="dimmed" component="span">
        {t('production.people.noSkills')}
      </Text>
    ) : (
      <Group gap={6}>
        {known.map((skill) => (
          <Badge key={skill} color="gray">
            {t(`production.techniqueShort.${skill}`)}
          </Badge>
        ))}
      </Group>
    )
  const menu = onChange && {
    title: t('production.people.change'),
    cell: (one: Operator) => (
      <ItemMenu label={t('production.people.menu', { name: one.name })}>
        <Menu.Item leftSection={<IconEdit size={16} />} onClick={() => onChange(one)}>
          {t('production.people.change')}
        </Menu.Item>
      </ItemMenu>
    ),
  }
  return (
    <ItemTable
      items={items}
      idOf={(one) => one.operatorId}
      columns={[
        {
          title: t('production.people.name'),
          cell: (one) => (
            <Text component="span" fw={600} className="wrap-anywhere">
              {one.name || t('production.people.nameless')}
            </Text>
          ),
        },
        { title: t('production.people.skills'), cell: skills },
        {
          title: t('production.people.stateTitle'),
          from: 'xs',
          cell: (one) => (
            <Badge color={one.active ? 'green' : 'gray'}>
              {t(one.active ? 'production.people.active' : 'production.people.inactive')}
            </Badge>
          ),
        },
        ...(menu ? [menu] : []),
      ]}
    />
  )
}
