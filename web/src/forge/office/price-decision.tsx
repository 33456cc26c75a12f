import { Alert, Anchor, Button, Group, NumberInput, Stack, Text, Textarea } from '@mantine/core'
import { IconAlertTriangle, IconHandGrab, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay, useMe } from '../../me.ts'
import { useAction } from '../../parts/actions.ts'
import { Fact, Facts } from '../../parts/facts.tsx'
import { Loaded } from '../../parts/states.tsx'
import { When } from '../../parts/time.tsx'
import { useRuns } from '../../services.ts'
import { forge, onceKey } from '../api.ts'
import { bookQuery } from '../shop/data.ts'
import { useOptionsWords } from '../shop/options-words.ts'
import { useReason } from '../shop/reason.ts'
import { number, sizeWords, useMoney } from '../words.ts'
import { pricesKey } from './data.ts'
import { type HumanJob, Taken } from './price-taken.tsx'
import { WordsDialog } from './words-dialog.tsx'

/** One request whole: look at the part, take it, and say what it costs or why it cannot be made. */
export function PriceDecision({ requestId, onDone }: { requestId: string; onDone: () => void }) {
  const job = useQuery({
    queryKey: [...pricesKey, 'one', requestId],
    queryFn: ({ signal }) => forge.mes.openHumanJob({ params: { requestId }, signal }),
  })
  return <Loaded query={job}>{(data) => <Opened job={data} onDone={onDone} />}</Loaded>
}

function Opened({ job, onDone }: { job: HumanJob; onDone: () => void }) {
  const { t } = useTranslation()
  const me = useMe().data?.userId
  const may = useMay()
  const runs = useRuns()
  const reason = useReason()
  const optionsWords = useOptionsWords()
  const { requestId, modelId } = job
  const name = job.modelName ?? t('office.prices.noName')
  const take = useAction({
    run: (force: boolean) => forge.mes.takeHumanJob({ params: { requestId }, body: force ? { force } : {} }),
    refresh: [pricesKey],
  })
  const release = useAction({
    run: () => forge.mes.releaseHumanJob({ params: { requestId } }),
    refresh: [pricesKey],
  })
  const again = useAction({
    run: () => forge.mes.tryPriceAgain({ params: { requestId } }),
    done: t('office.prices.triedAgain'),
    refresh: [pricesKey],
    onDone,
  })
  const mine = job.takenBy === me
  return (
    <Stack>
      {job.reason && (
        <Alert color="yellow" icon={<IconAlertTriangle size={20} />} title={t('office.prices.why')}>
          {reason(job.reason)}
        </Alert>
      )}
      <Facts>
        <Fact name={t('office.retention.model')}>
          {may('models:read') && runs('editor') ? (
            <Anchor
              inherit
              renderRoot={(props) => <Link to="/forge/models/$modelId" params={{ modelId }} {...props} />}
            >
              {name}
            </Anchor>
          ) : (
            name
          )}
        </Fact>
        <Fact name={t('office.prices.how')}>
          {job.options.quantity} × {optionsWords(job.options)}
        </Fact>
        {job.sizeMm && <Fact name={t('office.prices.size')}>{sizeWords(job.sizeMm)}</Fact>}
        <Fact name={t('office.prices.since')}>
          <When time={job.createdAt} />
        </Fact>
        <Fact name={t('office.prices.who')}>
          <Taken job={job} me={me} />
        </Fact>
      </Facts>
      {job.state !== 'waitingForHuman' ? (
        <Alert>{t('office.prices.decided')}</Alert>
      ) : mine ? (
        <>
          <PriceForm job={job} onDone={onDone} />
          <Group gap="sm">
            <Refuse requestId={requestId} name={name} onDone={onDone} />
            <Button
              variant="default"
              leftSection={<IconRefresh size={17} />}
              loading={again.isPending}
              onClick={() => again.mutate()}
            >
              {t('office.prices.tryAgain')}
            </Button>
            <Button variant="default" loading={release.isPending} onClick={() => release.mutate()}>
              {t('office.prices.release')}
            </Button>
          </Group>
        </>
      ) : (
        <Stack gap="sm" align="flex-start">
          <Text size="sm" c="dimmed">
            {t(job.takenBy ? 'office.prices.othersAbout' : 'office.prices.takeAbout')}
          </Text>
          <Button
            leftSection={<IconHandGrab size={17} />}
            loading={take.isPending}
            onClick={() => take.mutate(job.takenBy !== undefined)}
          >
            {t(job.takenBy ? 'office.prices.takeOver' : 'office.prices.take')}
          </Button>
        </Stack>
      )}
    </Stack>
  )
}

function PriceForm({ job, onDone }: { job: HumanJob; onDone: () => void }) {
  const { t } = useTranslation()
  const money = useMoney()
  const [key] = useState(onceKey)
  const currency = useQuery(bookQuery).data?.book.currency ?? 'EUR'
  const [price, setPrice] = useState<number | string>('')
  const [days, setDays] = useState<number | string>(14)
  const [note, setNote] = useState('')
  const minor = Math.round(Number(price) * 100)
  // A price that a person made is one that somebody will ask about.
  const missing = price === '' || note.trim() === ''
  const set = useAction({
    run: () =>
      forge.mes.setPrice({
        params: { requestId: job.requestId },
        body: {
          unitPrice: minor,
          validDays: Number(days) || 14,
          note: note.trim(),
        },
        idempotencyKey: key,
      }),
    done: t('office.prices.isSet'),
    refresh: [pricesKey],
    onDone,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (!missing) set.mutate()
      }}
    >
      <Stack>
        <Group grow align="flex-start">
          <NumberInput
            label={t('office.prices.unitPrice', { currency })}
            description={
              price !== '' && job.options.quantity > 1
                ? t('office.prices.together', {
                    quantity: number(job.options.quantity, 0),
                    total: money(minor * job.options.quantity, currency),
                  })
                : undefined
            }
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            min={0}
            max={10_000_000}
            decimalScale={2}
            allowNegative={false}
            data-autofocus
            value={price}
            onChange={setPrice}
          />
          <NumberInput
            label={t('office.prices.validDays')}
            min={1}
            max={365}
            allowDecimal={false}
            clampBehavior="strict"
            value={days}
            onChange={setDays}
          />
        </Group>
        <Textarea
          label={t('office.prices.note')}
          autosize
          minRows={2}
          maxRows={6}
          maxLength={1000}
          value={note}
          onChange={({ currentTarget }) => setNote(currentTarget.value)}
        />
        <Group>
          <Button type="submit" disabled={missing} loading={set.isPending}>
            {t('office.prices.set')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Refuse({ requestId, name, onDone }: { requestId: string; name: string; onDone: () => void }) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState(false)
  const [key] = useState(onceKey)
  const refuse = useAction({
    run: (reason: string) =>
      forge.mes.refusePrice({ params: { requestId }, body: { reason }, idempotencyKey: key }),
    done: t('office.prices.isRefused'),
    refresh: [pricesKey],
    onDone,
  })
  return (
    <>
      <Button variant="light" color="red" onClick={() => setAsking(true)}>
        {t('office.prices.refuse')}
      </Button>
      <WordsDialog
        opened={asking}
        title={t('office.prices.refuseTitle', { name })}
        about={t('office.prices.refuseAbout')}
        label={t('office.order.reason')}
        submit={t('office.prices.refuse')}
        danger
        needed
        maxLength={1000}
        pending={refuse.isPending}
        onSubmit={(reason) => refuse.mutate(reason)}
        onClose={() => setAsking(false)}
      />
    </>
  )
}
