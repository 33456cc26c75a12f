/** Material on hand: what lies there, and whether it lasts for what is to be made. */
import {
  Badge,
  Box,
  Button,
  Menu,
  Modal,
  NumberInput,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { ItemMenu } from '../../parts/item-menu.tsx'
import { forge, onceKey } from '../api.ts'
import { bookQuery } from '../shop/data.ts'
import { named, number } from '../words.ts'
import { type Material, productionKey } from './data.ts'

/** Names of materials and colours from the price book; ids where it does not have them. */
export function useMaterialWords() {
  useTranslation()
  const materials = useQuery(bookQuery).data?.book.materials
  const materialName = (id: string) => {
    const found = materials?.find((one) => one.id === id)
    return found ? named(found.names) : id
  }
  const colorName = (id: string, color: string) => {
    const found = materials?.find((one) => one.id === id)?.colors.find((one) => one.id === color)
    return found ? named(found.names) : color
  }
  return { materialName, colorName }
}

export function MaterialTable({ items }: { items: readonly Material[] }) {
  const { t } = useTranslation()
  const may = useMay()
  const { materialName, colorName } = useMaterialWords()
  const [chosen, setChosen] = useState<Material>()
  const grams = (value: number) => t('production.grams', { grams: number(value, 0) })
  if (items.length === 0) return <Text c="dimmed">{t('production.materials.none')}</Text>
  return (
    <Box style={{ overflowX: 'auto' }}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('production.materials.material')}</Table.Th>
            <Table.Th>{t('production.materials.onHand')}</Table.Th>
            <Table.Th visibleFrom="xs">{t('production.materials.needed')}</Table.Th>
            {may('production:assign') && (
              <Table.Th>
                <VisuallyHidden>{t('production.materials.change')}</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((one) => {
            const name = `${materialName(one.material)} · ${colorName(one.material, one.color)}`
            return (
              <Table.Tr key={`${one.material}/${one.color}`}>
                <Table.Td>
                  {name} {one.low && <Badge color="red">{t('production.materials.low')}</Badge>}
                </Table.Td>
                <Table.Td className="numbers">{grams(one.gramsOnHand)}</Table.Td>
                <Table.Td className="numbers" visibleFrom="xs">
                  {grams(one.gramsNeeded)}
                </Table.Td>
                {may('production:assign') && (
                  <Table.Td ta="end">
                    <ItemMenu label={t('production.materials.menu', { name })}>
                      <Menu.Item leftSection={<IconPlus size={16} />} onClick={() => setChosen(one)}>
                        {t('production.materials.change')}
                      </Menu.Item>
                    </ItemMenu>
                  </Table.Td>
                )}
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
      <Modal
        opened={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={chosen ? `${materialName(chosen.material)} · ${colorName(chosen.material, chosen.color)}` : ''}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {chosen && <MaterialForm material={chosen} onClose={() => setChosen(undefined)} />}
      </Modal>
    </Box>
  )
}

/** Takes material in, or writes it off. */
function MaterialForm({
  material,
  onClose,
}: {
  material: Pick<Material, 'material' | 'color' | 'gramsMinimum'>
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [grams, setGrams] = useState<number | string>('')
  const [least, setLeast] = useState<number | string>(material.gramsMinimum)
  const [reason, setReason] = useState('')
  const [key] = useState(onceKey)
  const ready = grams !== '' && reason.trim() !== ''
  const save = useAction({
    run: () =>
      forge.operators.adjustMaterial({
        params: { material: material.material, color: material.color },
        body: { grams: Number(grams), gramsMinimum: Number(least) || 0, reason: reason.trim() },
        idempotencyKey: key,
      }),
    done: t('production.materials.saved'),
    refresh: [productionKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) save.mutate()
      }}
    >
      <Stack>
        <NumberInput
          label={t('production.materials.grams')}
          description={t('production.materials.gramsAbout')}
          required
          min={-1_000_000}
          max={1_000_000}
          value={grams}
          onChange={setGrams}
          data-autofocus
        />
        <NumberInput
          label={t('production.materials.minimum')}
          description={t('production.materials.minimumAbout')}
          min={0}
          max={1_000_000}
          value={least}
          onChange={setLeast}
        />
        <TextInput
          label={t('production.why')}
          required
          maxLength={300}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <FormButtons
          submit={t('action.save')}
          pending={save.isPending}
          disabled={!ready}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}

/** Takes in a material that is not kept count of yet. */
export function AddMaterial({ known }: { known: readonly Material[] }) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState(false)
  const [chosen, setChosen] = useState<string | null>(null)
  const book = useQuery(bookQuery).data?.book
  const counted = new Set(known.map(({ material, color }) => `${material}/${color}`))
  const data = (book?.materials ?? []).flatMap(({ id, names, colors }) =>
    colors
      .map((color) => ({ value: `${id}/${color.id}`, label: `${named(names)} · ${named(color.names)}` }))
      .filter(({ value }) => !counted.has(value)),
  )
  const close = () => {
    setOpened(false)
    setChosen(null)
  }
  const [material = '', color = ''] = chosen?.split('/') ?? []
  return (
    <>
      <Button variant="default" leftSection={<IconPlus size={17} />} onClick={() => setOpened(true)}>
        {t('production.materials.add')}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t('production.materials.add')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Stack>
          <Select
            label={t('production.materials.material')}
            placeholder={t('production.choose')}
            searchable
            data={data}
            value={chosen}
            onChange={setChosen}
            nothingFoundMessage={t('state.nothing')}
            data-autofocus
          />
          {chosen && (
            <MaterialForm key={chosen} material={{ material, color, gramsMinimum: 0 }} onClose={close} />
          )}
        </Stack>
      </Modal>
    </>
  )
}
