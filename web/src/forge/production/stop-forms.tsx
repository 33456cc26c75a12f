/** Forms of what interrupts a work: a pause, spoilt pieces. */
import { Chip, Group, NumberInput, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { forge, onceKey } from '../api.ts'
import { productionKey, type Work } from './data.ts'

const pauseReasons = ['material', 'cleaning', 'failure', 'shiftEnds'] as const
const scrapReasons = ['cameOff', 'warped', 'clogged', 'ranOut'] as const

export function PauseForm({
  work,
  onClose,
  onDone,
}: {
  work: Work
  onClose: () => void
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const pause = useAction({
    run: () =>
      forge.operators.pauseWork({ params: { workId: work.workId }, body: { reason: reason.trim() } }),
    done: t('production.paused'),
    refresh: [productionKey],
    onDone: () => {
      onDone()
      onClose()
    },
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (reason.trim()) pause.mutate()
      }}
    >
      <Stack>
        <Reason
          value={reason}
          onChange={setReason}
          offers={pauseReasons.map((name) => t(`production.pauseReason.${name}`))}
        />
        <FormButtons
          submit={t('production.pause')}
          pending={pause.isPending}
          disabled={!reason.trim()}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}

export function ScrapForm({ work, onClose }: { work: Work; onClose: () => void }) {
  const { t } = useTranslation()
  const most = work.quantity - work.scrapped
  const [quantity, setQuantity] = useState<number | string>(1)
  const [reason, setReason] = useState('')
  const [key] = useState(onceKey)
  const right = Number.isInteger(quantity) && Number(quantity) >= 1 && Number(quantity) <= most
  const scrap = useAction({
    run: () =>
      forge.operators.scrapWork({
        params: { workId: work.workId },
        body: { quantity: Number(quantity), reason: reason.trim() },
        idempotencyKey: key,
      }),
    done: ({ remake }) => t('production.remade', { count: remake.quantity }),
    refresh: [productionKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (right && reason.trim()) scrap.mutate()
      }}
    >
      <Stack>
        <Text size="sm">{t('production.scrapAbout')}</Text>
        <NumberInput
          label={t('production.spoilt')}
          description={t('production.ofPieces', { count: most })}
          size="md"
          min={1}
          max={most}
          allowDecimal={false}
          value={quantity}
          onChange={setQuantity}
          data-autofocus
        />
        <Reason
          value={reason}
          onChange={setReason}
          offers={scrapReasons.map((name) => t(`production.scrapReason.${name}`))}
        />
        <FormButtons
          submit={t('production.makeAgain')}
          danger
          pending={scrap.isPending}
          disabled={!right || !reason.trim()}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}

/** Why, in words; the usual reasons are one touch away. */
export function Reason({
  value,
  onChange,
  offers = [],
}: {
  value: string
  onChange: (reason: string) => void
  offers?: readonly string[]
}) {
  const { t } = useTranslation()
  return (
    <Stack gap="xs">
      {offers.length > 0 && (
        <Chip.Group value={offers.includes(value) ? value : ''} onChange={(next) => onChange(String(next))}>
          <Group gap="xs" role="group" aria-label={t('production.usual')}>
            {offers.map((offer) => (
              <Chip key={offer} value={offer} size="md" radius="md">
                {offer}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      )}
      <Textarea
        label={t('production.why')}
        required
        autosize
        minRows={2}
        maxLength={300}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </Stack>
  )
}
