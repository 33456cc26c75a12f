import { ActionIcon, Button, Group, Modal, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import i18next from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { Section } from '../../parts/page.tsx'
import { Loaded, Waiting } from '../../parts/states.tsx'
import { forge, onceKey } from '../api.ts'
import { type Operator, productionKey, type Shift } from './data.ts'
import { dayOf, daysFrom, shiftTimes, weekOf } from './days.ts'
import classes from './machines.module.css'

const time = (value: string) =>
  new Intl.DateTimeFormat(i18next.language, { timeStyle: 'short' }).format(new Date(value))
const dayWords = (day: Date) =>
  new Intl.DateTimeFormat(i18next.language, { weekday: 'long', day: 'numeric', month: 'long' }).format(day)

/** A week of shifts, by day; seniors plan them. */
export function Shifts({ operators }: { operators: readonly Operator[] }) {
  const { t } = useTranslation()
  const may = useMay()
  const [start, setStart] = useState(() => weekOf(new Date()))
  const [adding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<Shift>()
  const days = daysFrom(start)
  const end = days[7]!
  const shifts = useQuery({
    queryKey: [...productionKey, 'shifts', start.toISOString()],
    queryFn: async ({ signal }) =>
      (
        await forge.operators.listShifts({
          query: { from: start.toISOString(), until: end.toISOString() },
          signal,
        })
      ).items,
    placeholderData: (before) => before,
  })
  const remove = useAction({
    run: (shiftId: string) => forge.operators.removeShift({ params: { shiftId } }),
    done: t('production.shifts.removed'),
    refresh: [productionKey],
    onDone: () => setLeaving(undefined),
  })
  const plans = may('production:assign')
  const move = (by: number) => setStart(daysFrom(start, by)[0]!)
  return (
    <Section
      title={t('production.shifts.title')}
      about={new Intl.DateTimeFormat(i18next.language, { dateStyle: 'medium' }).formatRange(start, days[6]!)}
      actions={
        <>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={t('production.shifts.before')}
            onClick={() => move(-7)}
          >
            <IconChevronLeft size={18} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={36}
            aria-label={t('production.shifts.after')}
            onClick={() => move(7)}
          >
            <IconChevronRight size={18} />
          </ActionIcon>
          {plans && (
            <Button leftSection={<IconPlus size={17} />} onClick={() => setAdding(true)}>
              {t('production.shifts.add')}
            </Button>
          )}
        </>
      }
    >
      <Loaded query={shifts} waiting={<Waiting rows={4} />}>
        {(items) => (
          <Stack gap="md">
            {days.slice(0, 7).map((day, index) => {
              const own = items
                .filter(
                  ({ startsAt, endsAt }) => new Date(startsAt) < days[index + 1]! && new Date(endsAt) > day,
                )
                .sort((one, other) => one.startsAt.localeCompare(other.startsAt))
              return (
                <div key={day.toISOString()}>
                  <Title order={3} fz="sm" mb={2} id={`day-${index}`}>
                    {dayWords(day)}
                  </Title>
                  {own.length === 0 ? (
                    <Text size="sm" c="dimmed">
                      {t('production.shifts.nobody')}
                    </Text>
                  ) : (
                    <ul className={classes.plan} style={{ gap: 0 }} aria-labelledby={`day-${index}`}>
                      {own.map((shift) => (
                        <li key={shift.shiftId} className={classes.planned}>
                          <span className="numbers">
                            {time(shift.startsAt)} – {time(shift.endsAt)}
                          </span>
                          <Text>{shift.operatorName || t('production.people.nameless')}</Text>
                          {plans && (
                            <ActionIcon
                              variant="subtle"
                              color="gray"
                              aria-label={t('production.shifts.removeNamed', {
                                name: shift.operatorName,
                                day: dayWords(new Date(shift.startsAt)),
                              })}
                              onClick={() => setLeaving(shift)}
                            >
                              <IconTrash size={17} />
                            </ActionIcon>
                          )}
                        </li>
                      ))}
                    </ul>
                  )}
                </div>
              )
            })}
          </Stack>
        )}
      </Loaded>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t('production.shifts.add')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        {adding && <ShiftForm operators={operators} onClose={() => setAdding(false)} />}
      </Modal>
      <Confirm
        opened={leaving !== undefined}
        title={t('production.shifts.remove')}
        confirm={t('production.shifts.remove')}
        pending={remove.isPending}
        onConfirm={() => leaving && remove.mutate(leaving.shiftId)}
        onClose={() => setLeaving(undefined)}
      >
        {leaving &&
          `${leaving.operatorName} · ${dayWords(new Date(leaving.startsAt))}, ${time(leaving.startsAt)} – ${time(leaving.endsAt)}`}
      </Confirm>
    </Section>
  )
}

function ShiftForm({ operators, onClose }: { operators: readonly Operator[]; onClose: () => void }) {
  const { t } = useTranslation()
  const [operatorId, setOperatorId] = useState<string | null>(null)
  const [day, setDay] = useState(() => dayOf(new Date()))
  const [from, setFrom] = useState('08:00')
  const [until, setUntil] = useState('16:00')
  const [key, setKey] = useState(onceKey)
  const times = shiftTimes(day, from, until)
  const add = useAction({
    run: () =>
      forge.operators.createShift({
        body: { operatorId: operatorId!, ...times! },
        idempotencyKey: key,
      }),
    done: t('production.shifts.added'),
    refresh: [productionKey],
    onDone: onClose,
    onFail: () => {
      // A changed request is another one.
      setKey(onceKey())
      return undefined
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (operatorId && times) add.mutate()
      }}
    >
      <Stack>
        <Select
          label={t('production.operator')}
          placeholder={t('production.choose')}
          required
          searchable
          data={operators
            .filter(({ active }) => active)
            .map((one) => ({ value: one.operatorId, label: one.name }))}
          value={operatorId}
          onChange={setOperatorId}
          data-autofocus
        />
        <TextInput
          type="date"
          label={t('production.shifts.day')}
          required
          value={day}
          onChange={({ currentTarget }) => setDay(currentTarget.value)}
        />
        <Group grow>
          <TextInput
            type="time"
            label={t('production.shifts.from')}
            required
            value={from}
            onChange={({ currentTarget }) => setFrom(currentTarget.value)}
          />
          <TextInput
            type="time"
            label={t('production.shifts.until')}
            required
            value={until}
            onChange={({ currentTarget }) => setUntil(currentTarget.value)}
          />
        </Group>
        <Text size="sm" c="dimmed">
          {t('production.shifts.overnight')}
        </Text>
        <FormButtons
          submit={t('production.shifts.add')}
          pending={add.isPending}
          disabled={!operatorId || !times}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}
