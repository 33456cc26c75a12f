/** The system map as geometry: services on an ellipse, one line per pair of services that events join. Pure. */

export interface Flow {
  readonly type: string
  readonly from: string
  readonly to: string
  readonly consumer: string
  /** Handled within the last minute. */
  readonly rate: number
  readonly pending: number
  readonly dead: number
}

export interface MapNode {
  readonly name: string
  readonly x: number
  readonly y: number
}

export interface MapEdge {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly flows: readonly Flow[]
  readonly rate: number
  readonly dead: number
  /** SVG path from the rim of one node to the rim of the other. */
  readonly path: string
  /** Middle of the line, where its label goes. */
  readonly labelX: number
  readonly labelY: number
}

interface FlowSource {
  readonly facts: {
    readonly name: string
    readonly handles: readonly { readonly consumer: string; readonly type: string; readonly from: string }[]
  }
  readonly stats: {
    readonly inbox: readonly {
      readonly consumer: string
      readonly type: string
      readonly pending: number
      readonly dead: number
      readonly lastMinute: number
    }[]
  }
}

/** Every event that one service handles from another, with its figures. */
export function flowsOf(services: readonly FlowSource[]): Flow[] {
  return services.flatMap(({ facts, stats }) =>
    facts.handles.map(({ consumer, type, from }) => {
      const figures = stats.inbox.find((row) => row.consumer === consumer && row.type === type)
      return {
        type,
        from,
        to: facts.name,
        consumer,
        rate: figures?.lastMinute ?? 0,
        pending: figures?.pending ?? 0,
        dead: figures?.dead ?? 0,
      }
    }),
  )
}

/** Below this width an ellipse has no room for names; the services stand in two columns. */
export const isNarrow = (width: number): boolean => width < 560
const ROW = 122

/** How high the map is for so many services. */
export function mapHeight(count: number, width: number): number {
  return isNarrow(width)
    ? Math.max(420, Math.ceil(count / 2) * ROW + 40)
    : Math.max(420, Math.min(560, width * 0.56)) + Math.max(0, count - 8) * 24
}

/** Places the services clockwise from the top, in the order given; one alone stands in the middle. */
export function placeNodes(
  names: readonly string[],
  width: number,
  height: number,
  margin: number,
): MapNode[] {
  if (names.length === 1) return [{ name: names[0]!, x: width / 2, y: height / 2 }]
  if (isNarrow(width)) {
    const rows = Math.ceil(names.length / 2)
    const gap = (height - 40) / rows
    return names.map((name, index) => {
      const right = index < rows
      const row = right ? index : names.length - 1 - index
      return { name, x: right ? width - margin : margin, y: 20 + gap * (row + 0.5) - 12 }
    })
  }
  const rim = ellipse(Math.max(0, width / 2 - margin), Math.max(0, height / 2 - margin * 0.72))
  return names.map((name, index) => {
    const { x, y } = rim((index + (names.length % 2 === 0 ? 0.5 : 0)) / names.length)
    return { name, x: width / 2 + x, y: height / 2 + y }
  })
}

/** The point of an ellipse a share of its rim away from the top, clockwise. Equal angles would crowd the flat ends. */
function ellipse(a: number, b: number): (share: number) => Point {
  const steps = 720
  const points = Array.from({ length: steps + 1 }, (_, step) => {
    const angle = (step / steps) * 2 * Math.PI
    return { x: a * Math.sin(angle), y: -b * Math.cos(angle) }
  })
  const lengths = [0]
  for (let step = 1; step <= steps; step++) {
    const [from, to] = [points[step - 1]!, points[step]!]
    lengths.push(lengths[step - 1]! + Math.hypot(to.x - from.x, to.y - from.y))
  }
  return (share) => points[lengths.findIndex((length) => length >= share * lengths[steps]!)]!
}

/** One line per pair and direction; both directions bend to their own right, so they never cover each other. */
export function placeEdges(flows: readonly Flow[], nodes: readonly MapNode[], radius: number): MapEdge[] {
  const groups = Map.groupBy(flows, (flow) => `${flow.from}>${flow.to}`)
  return [...groups].flatMap(([id, group]) => {
    const first = group[0]!
    const a = nodes.find((node) => node.name === first.from)
    const b = nodes.find((node) => node.name === first.to)
    if (!a || !b) return []
    const line = a === b ? loop(a, nodes, radius) : arc(a, b, radius)
    const sum = (of: (flow: Flow) => number) => group.reduce((total, flow) => total + of(flow), 0)
    return [
      {
        id,
        from: first.from,
        to: first.to,
        flows: group,
        rate: sum((flow) => flow.rate),
        dead: sum((flow) => flow.dead),
        ...line,
      },
    ]
  })
}

const round = (value: number): number => Math.round(value * 10) / 10

function arc(a: MapNode, b: MapNode, radius: number) {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const length = Math.hypot(dx, dy) || 1
  const bend = Math.min(Math.max(length * 0.16, 34), 64)
  const cx = (a.x + b.x) / 2 - (dy / length) * bend
  const cy = (a.y + b.y) / 2 + (dx / length) * bend
  const start = towards(a, cx, cy, radius)
  const end = towards(b, cx, cy, radius + 7)
  return {
    path: `M${round(start.x)} ${round(start.y)}Q${round(cx)} ${round(cy)} ${round(end.x)} ${round(end.y)}`,
    ...labelAt(start, { x: cx, y: cy }, end),
  }
}

interface Point {
  readonly x: number
  readonly y: number
}

/** A little before the middle of the curve, so that the labels of both directions stand apart. */
function labelAt(start: Point, bend: Point, end: Point) {
  const at = 0.42
  const mix = (axis: 'x' | 'y') =>
    round((1 - at) ** 2 * start[axis] + 2 * at * (1 - at) * bend[axis] + at ** 2 * end[axis])
  return { labelX: mix('x'), labelY: mix('y') }
}

/** A service that handles its own events: a loop on the side away from the others. */
function loop(node: MapNode, nodes: readonly MapNode[], radius: number) {
  const middleX = nodes.reduce((total, other) => total + other.x, 0) / nodes.length
  const side = node.x < middleX - 1 ? -1 : 1
  const x = node.x + side * radius
  const reach = radius * 1.6
  return {
    path: `M${round(x - side * 4)} ${round(node.y - radius * 0.45)}C${round(x + side * reach)} ${round(node.y - radius * 1.3)} ${round(x + side * reach)} ${round(node.y + radius * 1.3)} ${round(x + side * 3)} ${round(node.y + radius * 0.5)}`,
    labelX: round(x + side * reach * 0.74),
    labelY: round(node.y),
  }
}

function towards(node: MapNode, x: number, y: number, distance: number) {
  const length = Math.hypot(x - node.x, y - node.y) || 1
  return { x: node.x + ((x - node.x) / length) * distance, y: node.y + ((y - node.y) / length) * distance }
}
