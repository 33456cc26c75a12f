import { Group, MultiSelect, NumberInput, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { showAtFields, useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { forge, onceKey } from '../api.ts'
import { bookQuery } from '../shop/data.ts'
import { named } from '../words.ts'
import { type Machine, productionKey } from './data.ts'

const machineTechniques = ['fdm', 'sla', 'sls'] as const

/** Adds a machine, or changes one. */
export function MachineForm({ machine, onClose }: { machine?: Machine; onClose: () => void }) {
  const { t } = useTranslation()
  const book = useQuery(bookQuery).data?.book
  const [key] = useState(onceKey)
  const form = useForm({
    initialValues: {
      name: machine?.name ?? '',
      technique: (machine?.technique ?? 'fdm') as Machine['technique'],
      materials: [...(machine?.materials ?? [])],
      x: machine?.sizeMm.x ?? 250,
      y: machine?.sizeMm.y ?? 210,
      z: machine?.sizeMm.z ?? 210,
    },
    validate: { name: (name) => (name.trim() === '' ? t('production.machines.nameNeeded') : null) },
  })
  const { technique, materials } = form.values
  const save = useAction({
    run: () => {
      const { name, x, y, z } = form.getValues()
      const body = { name: name.trim(), technique, materials, sizeMm: { x, y, z } }
      return machine
        ? forge.operators.updateMachine({
            params: { machineId: machine.machineId },
            body,
            ifMatch: String(machine.version),
          })
        : forge.operators.createMachine({ body, idempotencyKey: key })
    },
    done: t('production.machines.saved'),
    refresh: [productionKey],
    onDone: onClose,
    onFail: (error) => showAtFields(form, error, { machineNameTaken: 'name' }),
  })
  // What the price book has for the technique, and what the machine takes already.
  const offered = (book?.materials ?? [])
    .filter((one) => one.technology === technique)
    .map(({ id, names }) => ({ value: id, label: named(names) }))
  const known = new Set(offered.map(({ value }) => value))
  const data = [
    ...offered,
    ...materials.filter((id) => !known.has(id)).map((id) => ({ value: id, label: id })),
  ]
  return (
    <form onSubmit={form.onSubmit(() => save.mutate())} noValidate>
      <Stack>
        <TextInput
          label={t('production.machines.name')}
          required
          maxLength={80}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Select
          label={t('production.machines.technique')}
          allowDeselect={false}
          data={machineTechniques.map((value) => ({ value, label: t(`production.technique.${value}`) }))}
          value={technique}
          onChange={(value) => form.setValues({ technique: value as Machine['technique'], materials: [] })}
        />
        <MultiSelect
          label={t('production.machines.materials')}
          description={t('production.machines.materialsAbout')}
          data={data}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('production.machines.allMaterials') }}
          {...form.getInputProps('materials')}
        />
        <Group grow align="flex-end" gap="sm">
          {(['x', 'y', 'z'] as const).map((axis) => (
            <NumberInput
              key={axis}
              label={t(`production.machines.size.${axis}`)}
              min={1}
              max={10_000}
              {...form.getInputProps(axis)}
            />
          ))}
        </Group>
        <FormButtons
          submit={t(machine ? 'action.save' : 'production.machines.add')}
          pending={save.isPending}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}
