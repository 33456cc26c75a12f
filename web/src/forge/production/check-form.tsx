import { Alert, NumberInput, Radio, Stack, Text, Textarea } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { FormButtons } from '../../parts/form-buttons.tsx'
import { Loaded } from '../../parts/states.tsx'
import { forge } from '../api.ts'
import classes from './board.module.css'
import { linesOf } from './columns.ts'
import { type Order, orderQuery, productionKey, useViewer } from './data.ts'
import { PhotoField } from './photos.tsx'

/** Says whether an order is good, with photos; what is not good is made again. */
export function CheckForm({ orderId, onClose }: { orderId: string; onClose: () => void }) {
  const order = useQuery(orderQuery(orderId))
  return <Loaded query={order}>{(data) => <Form order={data} onClose={onClose} />}</Loaded>
}

function Form({ order, onClose }: { order: Order; onClose: () => void }) {
  const { t } = useTranslation()
  const { operator, assigns } = useViewer()
  const lines = linesOf(order.items)
  const finished = order.items.filter(({ state }) => state === 'finished')
  const own =
    !assigns && finished.length > 0 && finished.every((work) => work.operatorId === operator?.operatorId)
  const [result, setResult] = useState<string | null>(own ? 'failed' : null)
  const [note, setNote] = useState('')
  const [photos, setPhotos] = useState<readonly string[]>([])
  const [bad, setBad] = useState<Readonly<Record<string, number>>>({})
  const failed = lines.flatMap(({ lineId }) => {
    const quantity = bad[lineId] ?? 0
    return quantity > 0 ? [{ lineId, quantity }] : []
  })
  const ready = result === 'passed' || (result === 'failed' && note.trim() !== '' && failed.length > 0)
  const check = useAction({
    run: () =>
      forge.operators.checkQuality({
        params: { orderId: order.orderId },
        body: {
          passed: result === 'passed',
          ...(note.trim() ? { note: note.trim() } : {}),
          photos: [...photos],
          ...(result === 'failed' ? { failed } : {}),
        },
      }),
    done: t(result === 'passed' ? 'production.passed' : 'production.failed'),
    refresh: [productionKey],
    onDone: onClose,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) check.mutate()
      }}
    >
      <Stack>
        <Stack component="ul" gap={2} m={0} p={0} style={{ listStyle: 'none' }}>
          {lines.map(({ lineId, name, quantity }) => (
            <Text key={lineId} component="li" className="wrap-anywhere">
              {quantity} × {name}
            </Text>
          ))}
        </Stack>
        {order.note && (
          <Text size="sm" c="dimmed" className="wrap-anywhere">
            {t('production.noteOfOffice', { note: order.note })}
          </Text>
        )}
        {own && (
          <Alert icon={<IconInfoCircle size={20} />} title={t('production.ownCheck')}>
            {t('production.ownCheckAbout')}
          </Alert>
        )}
        <PhotoField photos={photos} onChange={setPhotos} />
        <Radio.Group label={t('production.result')} value={result} onChange={setResult}>
          <Stack gap="xs" mt={4}>
            {(['passed', 'failed'] as const).map((value) => (
              <Radio.Card
                key={value}
                value={value}
                className={classes.choice!}
                disabled={own && value === 'passed'}
              >
                <Radio.Indicator disabled={own && value === 'passed'} />
                <Text fw={600}>{t(`production.results.${value}`)}</Text>
              </Radio.Card>
            ))}
          </Stack>
        </Radio.Group>
        {result === 'failed' &&
          lines.map(({ lineId, name, quantity }) => (
            <NumberInput
              key={lineId}
              label={t('production.badPieces', { name })}
              description={t('production.ofPieces', { count: quantity })}
              size="md"
              min={0}
              max={quantity}
              allowDecimal={false}
              value={bad[lineId] ?? 0}
              onChange={(value) => setBad({ ...bad, [lineId]: Number(value) || 0 })}
            />
          ))}
        <Textarea
          label={t('production.seen')}
          required={result === 'failed'}
          autosize
          minRows={2}
          maxLength={1000}
          value={note}
          onChange={({ currentTarget }) => setNote(currentTarget.value)}
        />
        <FormButtons
          submit={t('production.saveCheck')}
          pending={check.isPending}
          disabled={!ready}
          onCancel={onClose}
        />
      </Stack>
    </form>
  )
}
