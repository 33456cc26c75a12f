import { Button, Group, NumberInput, Stack, Text } from '@mantine/core'
import { IconRotate3d, IconSparkles } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../../parts/actions.ts'
import { Section } from '../../parts/page.tsx'
import { forge } from '../api.ts'
import { modelsKey, type PrintOptions } from '../shop/data.ts'
import { number } from '../words.ts'
import type { OpenedModel } from './data.ts'
import type { Triangles } from './mesh-worker.ts'
import type { Axis } from './scene.ts'

/** What is about to be done: a factor for all axes, then a rotation, row by row. */
export interface Placing {
  readonly scale: number
  readonly rotation: readonly number[]
}

const none: Placing = { scale: 1, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1] }
/** A quarter turn around each axis, counter-clockwise seen from its end. */
const quarter: Readonly<Record<Axis, readonly number[]>> = {
  x: [1, 0, 0, 0, 0, -1, 0, 1, 0],
  y: [0, 0, 1, 0, 1, 0, -1, 0, 0],
  z: [0, -1, 0, 1, 0, 0, 0, 0, 1],
}

/** The product of two 3 × 3 matrices, row by row. */
export function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, at) => {
    const [row, column] = [Math.floor(at / 3) * 3, at % 3]
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!
  })
}

/** The triangles as the placement would make them. */
export function usePlaced(triangles: Triangles | undefined, placing: Placing | undefined) {
  return useMemo(() => {
    if (!triangles || !placing) return triangles
    const { corners } = triangles
    const placed = new Float32Array(corners.length)
    const min: [number, number, number] = [Infinity, Infinity, Infinity]
    const max: [number, number, number] = [-Infinity, -Infinity, -Infinity]
    const matrix = placing.rotation.map((value) => value * placing.scale)
    for (let i = 0; i < corners.length; i += 3)
      for (let row = 0; row < 3; row++) {
        const value =
          matrix[row * 3]! * corners[i]! +
          matrix[row * 3 + 1]! * corners[i + 1]! +
          matrix[row * 3 + 2]! * corners[i + 2]!
        placed[i + row] = value
        if (value < min[row]!) min[row] = value
        if (value > max[row]!) max[row] = value
      }
    return { corners: placed, min, max } satisfies Triangles
  }, [triangles, placing])
}

/** Scale and turn a part; what is set shows in the viewer before it is applied. */
export function Placement({
  model,
  options,
  placing,
  onPlacing,
}: {
  model: OpenedModel
  options: PrintOptions | undefined
  placing: Placing | undefined
  onPlacing: (placing: Placing | undefined) => void
}) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState<number | string>(100)
  const { modelId, latest } = model
  const now = placing ?? none
  const place = useAction({
    run: (orient: boolean) =>
      forge.editor.placeModel({
        params: { modelId, version: latest.version },
        body: {
          placement: orient
            ? { scale: vector(now.scale), orient: true }
            : { scale: vector(now.scale), rotation: [...now.rotation] },
          ...(options ? { options } : {}),
        },
      }),
    refresh: [modelsKey],
    onDone: () => {
      onPlacing(undefined)
      setTyped(100)
    },
  })
  const scale = (value: number | string) => {
    setTyped(value)
    const percent = Number(value)
    if (percent >= 0.1 && percent <= 100_000) onPlacing({ ...now, scale: percent / 100 })
  }
  const turn = (axis: Axis) => onPlacing({ ...now, rotation: product(quarter[axis], now.rotation) })
  return (
    <Section title={t('editor.place.title')} about={t('editor.place.about')}>
      <Stack>
        <Group align="flex-end" gap="md">
          <NumberInput
            label={t('editor.place.scale')}
            suffix=" %"
            w={130}
            min={0.1}
            max={100_000}
            decimalScale={2}
            value={typed}
            onChange={scale}
          />
          <Group gap={6} role="group" aria-label={t('editor.place.turn')}>
            {(['x', 'y', 'z'] as const).map((axis) => (
              <Button
                key={axis}
                variant="default"
                leftSection={<IconRotate3d size={17} />}
                onClick={() => turn(axis)}
              >
                {t('editor.place.around', { axis: axis.toUpperCase() })}
              </Button>
            ))}
          </Group>
        </Group>
        {placing && (
          <Text size="sm" role="status">
            {t('editor.place.pending', { percent: number(placing.scale * 100, 2) })}
          </Text>
        )}
        <Group gap="sm">
          {placing && (
            <>
              <Button
                loading={place.isPending && place.variables === false}
                onClick={() => place.mutate(false)}
              >
                {t('editor.place.apply')}
              </Button>
              <Button
                variant="default"
                onClick={() => {
                  onPlacing(undefined)
                  setTyped(100)
                }}
              >
                {t('editor.place.undo')}
              </Button>
            </>
          )}
          <Button
            variant="light"
            leftSection={<IconSparkles size={17} />}
            loading={place.isPending && place.variables === true}
            onClick={() => place.mutate(true)}
          >
            {t('editor.place.orient')}
          </Button>
        </Group>
      </Stack>
    </Section>
  )
}

const vector = (factor: number) => ({ x: factor, y: factor, z: factor })
