import { Badge, Button, Group, Stack, TagsInput, Text } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { Section } from '../../parts/page.tsx'
import { forge } from '../api.ts'
import { type Customer, customersKey } from './data.ts'
import { tagsQuery } from './segments-data.ts'

/** Words the office sorts a customer by. */
export function TagsSection({ customer }: { customer: Customer }) {
  const { t } = useTranslation()
  const manages = useMay()('customers:manage')
  const [changing, setChanging] = useState(false)
  return (
    <Section
      title={t('office.tags.title')}
      actions={
        manages &&
        !changing && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPencil size={15} />}
            onClick={() => setChanging(true)}
          >
            {t('office.tags.change')}
          </Button>
        )
      }
    >
      {changing ? (
        <Change customer={customer} onDone={() => setChanging(false)} />
      ) : customer.tags.length > 0 ? (
        <Group gap={6}>
          {customer.tags.map((tag) => (
            <Badge key={tag} color="gray" size="lg">
              {tag}
            </Badge>
          ))}
        </Group>
      ) : (
        <Text size="sm" c="dimmed">
          {t('office.tags.none')}
        </Text>
      )}
    </Section>
  )
}

const tagShape = /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u

function Change({ customer, onDone }: { customer: Customer; onDone: () => void }) {
  const { t } = useTranslation()
  const known = useQuery(tagsQuery).data?.items ?? []
  const [tags, setTags] = useState<string[]>([...customer.tags])
  const bad = tags.find((tag) => !tagShape.test(tag) || tag.length > 40)
  const { customerId, version } = customer
  const save = useAction({
    run: () => forge.crm.tagCustomer({ params: { customerId }, body: { tags }, ifMatch: String(version) }),
    done: t('office.tags.saved'),
    refresh: [customersKey],
    onDone,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!bad) save.mutate()
      }}
    >
      <Stack>
        <TagsInput
          label={t('office.tags.title')}
          description={t('office.tags.about')}
          data={known.map(({ tag }) => tag)}
          maxTags={30}
          acceptValueOnBlur
          autoFocus
          error={bad ? t('office.tags.bad', { tag: bad }) : undefined}
          value={tags}
          onChange={setTags}
        />
        <FormButtons submit={t('action.save')} pending={save.isPending} onCancel={onDone} />
      </Stack>
    </form>
  )
}
