import { Alert, Badge, Box, Button, Group, Loader, NumberInput, Stack, Text } from '@mantine/core'
import { IconArrowRight, IconFileInvoice, IconShoppingCart, IconTrash } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Page, Section } from '../../parts/page.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { forge, onceKey } from '../api.ts'
import { useMoney } from '../words.ts'
import classes from './cart.module.css'
import { type Cart, type CartLine, cartKey, useCart } from './data.ts'
import { LinePrice } from './line-price.tsx'
import { useOptionsWords } from './options-words.ts'

/** What is about to be ordered; prices come by themselves. */
export function CartPage() {
  const { t } = useTranslation()
  const cart = useCart()
  return (
    <Page wide title={t('place.cart')} about={t('shop.cart.about')}>
      <Loaded query={cart}>{(data) => (data.lines.length === 0 ? <Nothing /> : <Full cart={data} />)}</Loaded>
    </Page>
  )
}

function Nothing() {
  const { t } = useTranslation()
  return (
    <Section>
      <Empty
        icon={IconShoppingCart}
        title={t('shop.cart.none')}
        action={
          <Group justify="center">
            <Button renderRoot={(props) => <Link to="/forge/models" {...props} />}>
              {t('shop.cart.toModels')}
            </Button>
            <Button variant="default" renderRoot={(props) => <Link to="/forge/items" {...props} />}>
              {t('shop.cart.toItems')}
            </Button>
          </Group>
        }
      >
        {t('shop.cart.noneAbout')}
      </Empty>
    </Section>
  )
}

function Full({ cart }: { cart: Cart }) {
  const { t } = useTranslation()
  const money = useMoney()
  const navigate = useNavigate()
  const [key] = useState(onceKey)
  const quote = useAction({
    run: () =>
      forge.shop.requestQuote({ body: { cartId: cart.cartId }, idempotencyKey: `${key}-${cart.version}` }),
    done: t('shop.cart.quoted'),
    refresh: [['forge', 'orders']],
    onDone: ({ orderId }) => void navigate({ to: '/forge/orders/$orderId', params: { orderId } }),
  })
  const stuck = cart.lines.some((line) => line.priceState === 'refused' || line.trouble)
  return (
    <div className={classes.columns}>
      <Box component="section" className="panel" aria-label={t('shop.cart.lines')}>
        <ul className={classes.lines}>
          {cart.lines.map((line) => (
            <Line key={line.lineId} line={line} currency={cart.currency} />
          ))}
        </ul>
      </Box>
      <Section title={t('shop.cart.sum')}>
        <Stack>
          <Text className={`${classes.total} numbers`} role="status">
            {cart.total === undefined ? (
              <Group gap="sm">
                <Loader size="sm" aria-hidden />
                <span className={classes.coming}>{t('shop.cart.coming')}</span>
              </Group>
            ) : (
              money(cart.total, cart.currency)
            )}
          </Text>
          <Text size="sm" c="dimmed">
            {t(cart.ready ? 'shop.cart.ready' : 'shop.cart.notReady')}
          </Text>
          {stuck && <Alert color="red">{t('shop.cart.stuck')}</Alert>}
          {stuck ? (
            <Button disabled>{t('shop.cart.checkout')}</Button>
          ) : (
            <Button
              rightSection={<IconArrowRight size={18} />}
              renderRoot={(props) => <Link to="/forge/checkout" {...props} />}
            >
              {t('shop.cart.checkout')}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconFileInvoice size={18} />}
            disabled={stuck}
            loading={quote.isPending}
            onClick={() => quote.mutate()}
          >
            {t('shop.cart.quote')}
          </Button>
          <Text size="sm" c="dimmed">
            {t('shop.cart.quoteAbout')}
          </Text>
        </Stack>
      </Section>
    </div>
  )
}

function Line({ line, currency }: { line: CartLine; currency: string }) {
  const { t } = useTranslation()
  const optionsWords = useOptionsWords()
  const [quantity, setQuantity] = useState<number | string>(line.quantity)
  useEffect(() => setQuantity(line.quantity), [line.quantity])
  const change = useAction({
    run: (count: number) =>
      forge.shop.changeLine({ params: { lineId: line.lineId }, body: { quantity: count } }),
    refresh: [cartKey],
  })
  const remove = useAction({
    run: () => forge.shop.removeLine({ params: { lineId: line.lineId } }),
    done: t('shop.cart.removed', { name: line.name }),
    refresh: [cartKey],
  })
  const commit = () => {
    const count = Number(quantity)
    if (Number.isInteger(count) && count >= 1 && count !== line.quantity) change.mutate(count)
    else setQuantity(line.quantity)
  }
  return (
    <li className={classes.line}>
      <Stack gap={4} flex="1 1 220px" miw={0}>
        {line.modelId ? (
          <Link to="/forge/models/$modelId" params={{ modelId: line.modelId }} className={classes.name!}>
            {line.name}
          </Link>
        ) : (
          <Text fw={600}>{line.name}</Text>
        )}
        <Text size="sm" c="dimmed">
          {line.options ? optionsWords(line.options) : t('shop.cart.readyMade')}
        </Text>
        {line.trouble && (
          <Badge color="red" style={{ alignSelf: 'flex-start' }}>
            {t(`shop.cart.trouble.${line.trouble}`)}
          </Badge>
        )}
      </Stack>
      <NumberInput
        w={92}
        aria-label={t('shop.quantityOf', { name: line.name })}
        min={1}
        max={10_000}
        clampBehavior="strict"
        allowDecimal={false}
        value={quantity}
        disabled={change.isPending}
        onChange={setQuantity}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      <Box className={classes.price}>
        <LinePrice line={line} currency={currency} />
      </Box>
      <Button
        variant="subtle"
        color="gray"
        px="xs"
        aria-label={t('shop.cart.remove', { name: line.name })}
        loading={remove.isPending}
        onClick={() => remove.mutate()}
      >
        <IconTrash size={18} />
      </Button>
    </li>
  )
}
