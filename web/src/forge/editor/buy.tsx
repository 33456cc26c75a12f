import { Button, Stack, Text } from '@mantine/core'
import { checkOptions } from '@pleiad/workshop/print/options'
import { IconShoppingCartPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Section } from '../../parts/page.tsx'
import { forge, onceKey } from '../api.ts'
import { type Book, type Cart, cartKey, type PrintOptions } from '../shop/data.ts'
import { lineOf } from './choices.ts'
import { Configure } from './configure.tsx'
import { type OpenedModel, sameOptions, usePriceJob } from './data.ts'
import type { MeshHandle } from './mesh.ts'
import { PriceBox } from './price-box.tsx'

/** How a model is to be made, what that costs, and into the cart. */
export function Buy({
  model,
  book,
  mesh,
  options,
  onOptions,
  cart,
  unplaced,
}: {
  model: OpenedModel
  book: Book
  mesh: MeshHandle | undefined
  options: PrintOptions
  onOptions: (options: PrintOptions) => void
  cart: Cart | undefined
  /** A placement is set but not applied: prices are of the part as it is. */
  unplaced: boolean
}) {
  const { t } = useTranslation()
  const { modelId, latest } = model
  const valid = checkOptions(options, book).length === 0
  const estimate = useQuery({
    queryKey: ['forge', 'estimate', latest.fileId, options, book],
    queryFn: () => mesh!.ask({ kind: 'estimate', options, book }),
    enabled: mesh !== undefined && valid,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  })
  const job = usePriceJob(modelId, latest.version, valid ? options : undefined)
  const line = lineOf(cart, model)
  const same = line?.options !== undefined && sameOptions(options, line.options)
  const shown = estimate.data?.ok && !estimate.isPlaceholderData ? estimate.data.total : undefined
  const interval = shown && { low: Math.round(shown.low), high: Math.round(shown.high) }
  const put = useAction({
    run: () =>
      line
        ? forge.shop.changeLine({
            params: { lineId: line.lineId },
            body: { options, quantity: options.quantity, version: latest.version, estimate: interval },
          })
        : forge.shop.addLine({
            body: { kind: 'made', modelId, version: latest.version, options, estimate: interval },
            idempotencyKey: onceKey(),
          }),
    done: t(line ? 'editor.buy.changed' : 'editor.buy.added'),
    refresh: [cartKey],
  })
  return (
    <>
      <Section title={t('editor.choose.title')}>
        <Configure book={book} options={options} onOptions={onOptions} />
      </Section>
      <Section title={t('editor.price.title')}>
        <Stack>
          <PriceBox
            estimate={estimate.data}
            estimating={estimate.isFetching || (!estimate.data && !estimate.isError)}
            job={job}
            line={same ? line : undefined}
            options={options}
          />
          {unplaced && <Text size="sm">{t('editor.price.unplaced')}</Text>}
          {same ? (
            <Button renderRoot={(props) => <Link to="/forge/cart" {...props} />}>
              {t('editor.buy.toCart')}
            </Button>
          ) : (
            <Button
              leftSection={<IconShoppingCartPlus size={18} />}
              disabled={!valid}
              loading={put.isPending}
              onClick={() => put.mutate()}
            >
              {t(line ? 'editor.buy.change' : 'editor.buy.add')}
            </Button>
          )}
        </Stack>
      </Section>
    </>
  )
}
