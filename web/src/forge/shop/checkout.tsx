import { Alert, Button, Group, Radio, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconInfoCircle, IconShoppingCart } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { currentLanguage } from '../../i18n/i18n.ts'
import { showAtFields, useAction } from '../../parts/actions.ts'
import { Page, Section } from '../../parts/page.tsx'
import { Empty, Failed, Waiting } from '../../parts/states.tsx'
import { forge, onceKey } from '../api.ts'
import { type Order, orderQuery, ordersKey } from '../orders/data.ts'
import { payByCard } from '../orders/pay.ts'
import { useMoney } from '../words.ts'
import classes from './cart.module.css'
import { AddressFields } from './checkout-address.tsx'
import { type Details, firstDetails, type Profile, placingOf } from './checkout-form.ts'
import { type Cart, cartKey, termsQuery, useCart } from './data.ts'
import { LinePrice } from './line-price.tsx'

const route = getRouteApi('/app/forge/checkout')

type Terms = Awaited<ReturnType<typeof forge.shop.getTerms>>
/** What is ordered: the cart, or a quote. */
interface Subject {
  readonly id: { readonly cartId: string } | { readonly quoteId: string }
  readonly lines: Cart['lines'] | Order['lines']
  readonly total: number | undefined
  readonly currency: string
}

const profileKey = ['forge', 'profile'] as const

/** Who, where to, how to pay; then it is ordered once, whatever is sent again. */
export function Checkout() {
  const { t } = useTranslation()
  const { quote } = route.useSearch()
  const cart = useCart()
  const quoted = useQuery({ ...orderQuery(quote ?? ''), enabled: quote !== undefined })
  const terms = useQuery(termsQuery)
  const profile = useQuery({
    queryKey: profileKey,
    queryFn: ({ signal }) => forge.shop.getProfile({ signal }),
  })
  const subject: Subject | undefined = quote
    ? quoted.data && {
        id: { quoteId: quoted.data.orderId },
        lines: quoted.data.lines,
        total: quoted.data.linesTotal,
        currency: quoted.data.currency,
      }
    : cart.data && {
        id: { cartId: cart.data.cartId },
        lines: cart.data.lines,
        total: cart.data.total,
        currency: cart.data.currency,
      }
  const failed = [quote ? quoted : cart, terms, profile].find(({ isError }) => isError)
  return (
    <Page wide title={t('shop.checkout.title')} about={t('shop.checkout.about')}>
      {failed ? (
        <Failed error={failed.error} retry={() => void failed.refetch()} />
      ) : !subject || !terms.data || !profile.data ? (
        <Waiting rows={5} height={72} />
      ) : subject.lines.length === 0 ? (
        <Section>
          <Empty
            icon={IconShoppingCart}
            title={t('shop.cart.none')}
            action={
              <Button renderRoot={(props) => <Link to="/forge/orders" {...props} />}>
                {t('shop.checkout.toOrders')}
              </Button>
            }
          >
            {t('shop.checkout.noneAbout')}
          </Empty>
        </Section>
      ) : (
        <CheckoutForm subject={subject} terms={terms.data} profile={profile.data} />
      )}
    </Page>
  )
}

function CheckoutForm({ subject, terms, profile }: { subject: Subject; terms: Terms; profile: Profile }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const money = useMoney()
  const [key] = useState(onceKey)
  const needed = (value: string) => (value.trim() === '' ? t('field.needed') : null)
  const away = (values: Details) => values.method !== 'pickup' && values.book === ''
  const form = useForm<Details>({
    initialValues: firstDetails(profile, terms),
    validate: {
      name: needed,
      email: (value) => (/^\S+@\S+\.\S+$/.test(value.trim()) ? null : t('shop.checkout.emailBad')),
      address: {
        name: (value, values) => (away(values) ? needed(value) : null),
        street: (value, values) => (away(values) ? needed(value) : null),
        city: (value, values) => (away(values) ? needed(value) : null),
        postalCode: (value, values) => (away(values) ? needed(value) : null),
        country: (value, values) => (away(values) ? needed(value) : null),
      },
    },
  })
  const { values } = form
  const order = useAction({
    run: async (details: Details) => {
      const placed = await forge.shop.checkout({
        body: { ...subject.id, ...placingOf(details, profile, currentLanguage()) },
        idempotencyKey: key,
      })
      await remember(details, profile)
      return placed
    },
    refresh: [cartKey, ordersKey, profileKey],
    done: ({ number }) => t('shop.checkout.done', { number }),
    onDone: async (placed) => {
      await navigate({ to: '/forge/orders/$orderId', params: { orderId: placed.orderId } })
      if (placed.payment.method === 'stripe' && placed.may.includes('pay')) await payByCard(placed.orderId)
    },
    onFail: (error) => showAtFields(form, error),
  })
  const delivery = terms.deliveries.find(({ method }) => method === values.method)
  const total = subject.total === undefined ? undefined : subject.total + (delivery?.price ?? 0)
  return (
    <form onSubmit={form.onSubmit((details) => order.mutate(details))} noValidate>
      <div className={classes.columns}>
        <Stack gap="lg" miw={0}>
          <Section title={t('shop.checkout.you')}>
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <TextInput
                label={t('shop.checkout.name')}
                autoComplete="name"
                required
                {...form.getInputProps('name')}
              />
              <TextInput
                label={t('shop.checkout.email')}
                type="email"
                autoComplete="email"
                required
                {...form.getInputProps('email')}
              />
              <TextInput
                label={t('shop.checkout.company')}
                autoComplete="organization"
                {...form.getInputProps('company')}
              />
              <TextInput
                label={t('shop.checkout.phone')}
                type="tel"
                autoComplete="tel"
                {...form.getInputProps('phone')}
              />
            </SimpleGrid>
          </Section>
          <Section title={t('shop.checkout.delivery')}>
            <Stack>
              <Radio.Group
                aria-label={t('shop.checkout.delivery')}
                value={values.method}
                onChange={(method) => form.setFieldValue('method', method as Details['method'])}
              >
                <div className={classes.choices}>
                  {terms.deliveries.map(({ method, price }) => (
                    <Radio
                      key={method}
                      value={method}
                      className={classes.choice!}
                      data-checked={values.method === method || undefined}
                      label={t(`shop.delivery.${method}`)}
                      description={price === 0 ? t('shop.checkout.free') : money(price, terms.currency)}
                    />
                  ))}
                </div>
              </Radio.Group>
              {values.method !== 'pickup' && <AddressFields form={form} profile={profile} />}
            </Stack>
          </Section>
          <Section title={t('shop.checkout.payment')}>
            <Radio.Group
              aria-label={t('shop.checkout.payment')}
              value={values.payment}
              onChange={(payment) => form.setFieldValue('payment', payment as Details['payment'])}
            >
              <div className={classes.choices}>
                {terms.payments.map((method) => (
                  <Radio
                    key={method}
                    value={method}
                    className={classes.choice!}
                    data-checked={values.payment === method || undefined}
                    label={t(`shop.payment.${method}`)}
                    description={t(`shop.paymentAbout.${method}`)}
                  />
                ))}
              </div>
            </Radio.Group>
          </Section>
          <Section title={t('shop.checkout.noteTitle')}>
            <Textarea
              label={t('shop.checkout.note')}
              autosize
              minRows={2}
              maxRows={8}
              maxLength={2000}
              {...form.getInputProps('note')}
            />
          </Section>
        </Stack>
        <Section title={t('shop.checkout.sum')}>
          <Stack>
            {subject.lines.map((line) => (
              <Group key={line.lineId} justify="space-between" wrap="nowrap" align="flex-start" gap="sm">
                <Text size="sm" className="wrap-anywhere">
                  {line.quantity} × {line.name}
                </Text>
                <LinePrice line={line} currency={subject.currency} />
              </Group>
            ))}
            <Group justify="space-between">
              <Text size="sm">{t(`shop.delivery.${values.method}`)}</Text>
              <Text size="sm" className="numbers">
                {money(delivery?.price ?? 0, terms.currency)}
              </Text>
            </Group>
            <Text className={`${classes.total} numbers`} role="status">
              {total === undefined ? t('shop.checkout.later') : money(total, subject.currency)}
            </Text>
            {total === undefined && (
              <Alert icon={<IconInfoCircle size={18} />}>{t('shop.checkout.laterAbout')}</Alert>
            )}
            <Button type="submit" size="md" loading={order.isPending}>
              {t('shop.checkout.order')}
            </Button>
            <Text size="sm" c="dimmed">
              {t('shop.checkout.orderAbout')}
            </Text>
          </Stack>
        </Section>
      </div>
    </form>
  )
}

/** Keeps details and a new address for the next time. The order stands, whatever becomes of this. */
async function remember(details: Details, profile: Profile): Promise<void> {
  if (!details.keep) return
  const { version, ...before } = profile
  const isNew = details.method !== 'pickup' && details.book === ''
  const { phone, ...address } = details.address
  const body = {
    ...before,
    name: details.name.trim(),
    email: details.email.trim(),
    company: details.company.trim(),
    phone: details.phone.trim(),
    addresses: isNew
      ? [{ ...address, ...(phone ? { phone } : {}) }, ...before.addresses].slice(0, 20)
      : before.addresses,
  }
  await forge.shop.saveProfile({ ifMatch: version, body }).catch(() => {})
}
