import { describe, expect, it } from 'vitest'
import { type Flow, flowsOf, mapHeight, placeEdges, placeNodes } from './map-layout.ts'

const flow = (from: string, to: string, more: Partial<Flow> = {}): Flow => ({
  type: 'x.done',
  from,
  to,
  consumer: `${to}.onX`,
  rate: 0,
  pending: 0,
  dead: 0,
  ...more,
})

describe('flowsOf', () => {
  it('joins what a service handles with its figures', () => {
    const flows = flowsOf([
      {
        facts: {
          name: 'users',
          handles: [{ consumer: 'users.activate', type: 'account.registered', from: 'auth' }],
        },
        stats: {
          inbox: [
            { consumer: 'users.activate', type: 'account.registered', pending: 2, dead: 1, lastMinute: 9 },
          ],
        },
      },
    ])
    expect(flows).toEqual([
      {
        type: 'account.registered',
        from: 'auth',
        to: 'users',
        consumer: 'users.activate',
        rate: 9,
        pending: 2,
        dead: 1,
      },
    ])
  })

  it('counts nothing for a handler that has seen nothing', () => {
    const flows = flowsOf([
      { facts: { name: 'a', handles: [{ consumer: 'a.b', type: 't', from: 'c' }] }, stats: { inbox: [] } },
    ])
    expect(flows[0]).toMatchObject({ rate: 0, pending: 0, dead: 0 })
  })
})

describe('placeNodes', () => {
  it('keeps every service inside and apart from the others', () => {
    const nodes = placeNodes(['a', 'b', 'c', 'd', 'e'], 1000, 500, 100)
    for (const node of nodes) {
      expect(node.x).toBeGreaterThanOrEqual(100)
      expect(node.x).toBeLessThanOrEqual(900)
      expect(node.y).toBeGreaterThanOrEqual(72)
      expect(node.y).toBeLessThanOrEqual(428)
    }
    for (const [index, a] of nodes.entries())
      for (const b of nodes.slice(index + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(120)
  })

  it('keeps ten services apart, at the flat ends too', () => {
    const names = Array.from({ length: 10 }, (_, index) => `s${index}`)
    const nodes = placeNodes(names, 964, mapHeight(names.length, 964), 132)
    for (const [index, a] of nodes.entries())
      for (const b of nodes.slice(index + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(150)
  })

  it('puts many into two columns where it is narrow, each with room for its name', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
    const height = mapHeight(names.length, 358)
    const nodes = placeNodes(names, 358, height, 84)
    expect(new Set(nodes.map((node) => node.x))).toEqual(new Set([84, 274]))
    for (const node of nodes) {
      expect(node.y - 36).toBeGreaterThan(0)
      expect(node.y + 36 + 28).toBeLessThan(height)
    }
    for (const [index, a] of nodes.entries())
      for (const b of nodes.slice(index + 1))
        if (a.x === b.x) expect(Math.abs(a.y - b.y)).toBeGreaterThan(2 * 36 + 28)
  })

  it('puts one alone in the middle', () => {
    expect(placeNodes(['a'], 600, 400, 100)).toEqual([{ name: 'a', x: 300, y: 200 }])
  })
})

describe('placeEdges', () => {
  const nodes = placeNodes(['a', 'b', 'c'], 900, 500, 100)

  it('draws one line per direction and sums its events', () => {
    const edges = placeEdges(
      [flow('a', 'b', { rate: 2 }), flow('a', 'b', { type: 'y', rate: 3, dead: 1 }), flow('b', 'a')],
      nodes,
      40,
    )
    expect(edges.map(({ id, rate, dead }) => ({ id, rate, dead }))).toEqual([
      { id: 'a>b', rate: 5, dead: 1 },
      { id: 'b>a', rate: 0, dead: 0 },
    ])
    expect(edges[0]!.path).not.toBe(edges[1]!.path)
    expect([edges[0]!.labelX, edges[0]!.labelY]).not.toEqual([edges[1]!.labelX, edges[1]!.labelY])
  })

  it('draws a loop for a service that handles its own events', () => {
    expect(placeEdges([flow('a', 'a')], nodes, 40)[0]!.path).toMatch(/^M.*C/)
  })

  it('leaves out services that are not on the map', () => {
    expect(placeEdges([flow('a', 'gone')], nodes, 40)).toEqual([])
  })
})
