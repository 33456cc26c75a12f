import {
  ActionIcon,
  Button,
  Group,
  SegmentedControl,
  Slider,
  Stack,
  Switch,
  Text,
  Tooltip,
  useComputedColorScheme,
} from '@mantine/core'
import { IconMinus, IconPlus, IconRulerMeasure } from '@tabler/icons-react'
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Vector3 } from 'three'
import { number, sizeWords } from '../words.ts'
import type { Report } from './data.ts'
import type { Triangles } from './mesh-worker.ts'
import { type Axis, createPicture, type Picture, type Side } from './scene.ts'
import classes from './viewer.module.css'

export interface ViewerProps {
  readonly name: string
  readonly triangles: Triangles
  readonly report: Report | undefined
  readonly color: string
  /** Room on the machine, mm. */
  readonly plate: { readonly x: number; readonly y: number } | undefined
  /** Said when the browser cannot draw. */
  readonly onNoPicture: () => void
}

const TURN = Math.PI / 18
const MOVED_PX = 4

/** Does what a key means for the picture. Returns whether it means anything. */
function turned(picture: Picture, key: string): boolean {
  switch (key) {
    case 'ArrowLeft':
      picture.turn(TURN, 0)
      return true
    case 'ArrowRight':
      picture.turn(-TURN, 0)
      return true
    case 'ArrowUp':
      picture.turn(0, TURN)
      return true
    case 'ArrowDown':
      picture.turn(0, -TURN)
      return true
    case '+':
    case '=':
      picture.zoom(0.85)
      return true
    case '-':
      picture.zoom(1.18)
      return true
    case '0':
      picture.view('iso')
      return true
    default:
      return false
  }
}

/** A part to be turned, cut and measured; with the mouse, a finger or the keyboard. */
export function Viewer({ name, triangles, report, color, plate, onNoPicture }: ViewerProps) {
  const { t } = useTranslation()
  const canvas = useRef<HTMLCanvasElement>(null)
  const picture = useRef<Picture>(undefined)
  const pressed = useRef<{ x: number; y: number }>(undefined)
  const dark = useComputedColorScheme('light') === 'dark'
  const [cut, setCut] = useState<{ axis: Axis; share: number }>()
  const [measuring, setMeasuring] = useState(false)
  const [points, setPoints] = useState<readonly Vector3[]>([])
  const [problems, setProblems] = useState(true)
  const [bed, setBed] = useState(true)
  const places = report?.problems ?? []
  const marked = places.filter(({ faces, lines }) => faces.length + lines.length > 0)

  useEffect(() => {
    try {
      picture.current = createPicture(canvas.current!)
    } catch {
      return onNoPicture()
    }
    return () => picture.current?.stop()
  }, [onNoPicture])
  useEffect(() => {
    picture.current?.show(triangles)
    setPoints([])
  }, [triangles])
  useEffect(() => picture.current?.dress({ dark, color }), [dark, color])
  useEffect(() => {
    // After the triangles, which the numbers of faces are of.
    if (triangles) picture.current?.highlight(problems ? (report?.problems ?? []) : [])
  }, [triangles, report, problems])
  useEffect(() => {
    if (triangles) picture.current?.plate(bed ? plate : undefined)
  }, [triangles, bed, plate])
  useEffect(() => {
    if (triangles) picture.current?.cut(cut)
  }, [triangles, cut])
  useEffect(() => picture.current?.marks(points), [points])

  const pick = (x: number, y: number) => {
    const point = picture.current?.pick(x, y)
    if (point) setPoints((before) => (before.length === 2 ? [point] : [...before, point]))
  }
  const release = (event: PointerEvent<HTMLCanvasElement>) => {
    const from = pressed.current
    // A drag turned the part; only a tap is a point.
    if (!measuring || !from || Math.hypot(event.clientX - from.x, event.clientY - from.y) > MOVED_PX) return
    const box = event.currentTarget.getBoundingClientRect()
    pick(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2)
  }
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const point = measuring && event.key === 'Enter'
    if (point) pick(0, 0)
    if (point || (picture.current && turned(picture.current, event.key))) event.preventDefault()
  }
  const [min, max] = [triangles.min, triangles.max]
  const size = { x: max[0] - min[0], y: max[1] - min[1], z: max[2] - min[2] }
  const distance = points.length === 2 ? points[0]!.distanceTo(points[1]!) : undefined
  const said = t('editor.viewer.about', {
    name,
    size: sizeWords(size),
    triangles: number(triangles.corners.length / 9),
  })
  return (
    <Stack gap="sm">
      <div className={classes.stage}>
        <canvas
          ref={canvas}
          className={classes.canvas}
          data-measuring={measuring || undefined}
          tabIndex={0}
          role="img"
          aria-label={`${said} ${t('editor.viewer.keys')}`}
          onKeyDown={press}
          onPointerDown={({ clientX, clientY }) => {
            pressed.current = { x: clientX, y: clientY }
          }}
          onPointerUp={release}
        />
        <Text size="xs" className={`${classes.size} numbers`}>
          {sizeWords(size)}
        </Text>
        {measuring && <div className={classes.cross} aria-hidden />}
      </div>
      <Group gap="xs">
        <Sides picture={picture} />
        <Tool label={t('editor.viewer.closer')} icon={IconPlus} onClick={() => picture.current?.zoom(0.8)} />
        <Tool
          label={t('editor.viewer.farther')}
          icon={IconMinus}
          onClick={() => picture.current?.zoom(1.25)}
        />
        <Button
          size="xs"
          variant={measuring ? 'filled' : 'default'}
          aria-pressed={measuring}
          leftSection={<IconRulerMeasure size={16} />}
          onClick={() => {
            setMeasuring(!measuring)
            setPoints([])
          }}
        >
          {t('editor.viewer.measure')}
        </Button>
        <Text size="sm" role="status" className="numbers">
          {measuring &&
            (distance === undefined
              ? t(points.length === 0 ? 'editor.viewer.pickFirst' : 'editor.viewer.pickSecond')
              : t('editor.viewer.distance', { mm: number(distance, 2) }))}
        </Text>
      </Group>
      <Group gap="lg" align="center">
        <Switch
          label={t('editor.viewer.section')}
          checked={cut !== undefined}
          onChange={({ currentTarget }) =>
            setCut(currentTarget.checked ? { axis: 'x', share: 0.5 } : undefined)
          }
        />
        <Switch
          label={t('editor.viewer.plate')}
          checked={bed}
          onChange={({ currentTarget }) => setBed(currentTarget.checked)}
        />
        {marked.length > 0 && (
          <Switch
            label={t('editor.viewer.problems')}
            checked={problems}
            onChange={({ currentTarget }) => setProblems(currentTarget.checked)}
          />
        )}
      </Group>
      {cut && (
        <Group gap="md">
          <SegmentedControl
            size="xs"
            aria-label={t('editor.viewer.axis')}
            data={['x', 'y', 'z'].map((axis) => ({ value: axis, label: axis.toUpperCase() }))}
            value={cut.axis}
            onChange={(axis) => setCut({ ...cut, axis: axis as Axis })}
          />
          <Slider
            flex="1 1 180px"
            min={0}
            max={100}
            value={Math.round(cut.share * 100)}
            label={(share) => t('editor.viewer.at', { mm: number((size[cut.axis] * share) / 100) })}
            thumbLabel={t('editor.viewer.place')}
            onChange={(share) => setCut({ ...cut, share: share / 100 })}
          />
        </Group>
      )}
    </Stack>
  )
}

const sides: readonly Side[] = ['iso', 'top', 'front', 'right']

function Sides({ picture }: { picture: { readonly current: Picture | undefined } }) {
  const { t } = useTranslation()
  return (
    <Group gap={4}>
      {sides.map((side) => (
        <Button key={side} size="xs" variant="default" onClick={() => picture.current?.view(side)}>
          {t(`editor.viewer.side.${side}`)}
        </Button>
      ))}
    </Group>
  )
}

function Tool({ label, icon: Icon, onClick }: { label: string; icon: typeof IconPlus; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={30} aria-label={label} onClick={onClick}>
        <Icon size={16} />
      </ActionIcon>
    </Tooltip>
  )
}
