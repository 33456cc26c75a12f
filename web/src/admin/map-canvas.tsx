import { useElementSize, useReducedMotion } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import classes from './map-canvas.module.css'
import { type Flow, isNarrow, mapHeight, placeEdges, placeNodes } from './map-layout.ts'

export interface MapService {
  readonly name: string
  /** As people call it. */
  readonly label: string
  readonly up: boolean
  /** Events emitted within the last minute. */
  readonly rate: number
  readonly dead: number
}

/** The services as stars and the events as the lines between them; dots travel where events flow. */
export function MapCanvas({
  services,
  flows,
  chosen,
  onChoose,
}: {
  services: readonly MapService[]
  flows: readonly Flow[]
  chosen: string | undefined
  onChoose: (name: string | undefined) => void
}) {
  const { t } = useTranslation()
  const { ref, width } = useElementSize()
  const still = useReducedMotion()
  const height = mapHeight(services.length, width)
  const narrow = isNarrow(width)
  const radius = narrow ? 36 : 46
  const nodes = placeNodes(
    services.map((service) => service.name),
    width,
    height,
    narrow ? 84 : 132,
  )
  const edges = placeEdges(flows, nodes, radius)
  const lit = (from: string, to: string) => chosen === undefined || chosen === from || chosen === to
  return (
    <div ref={ref} className={classes.canvas} style={{ height }}>
      {width > 0 && (
        <>
          <svg width={width} height={height} className={classes.lines} aria-hidden="true" focusable="false">
            <defs>
              <marker
                id="arrow"
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="7"
                markerHeight="7"
                orient="auto"
              >
                <path d="M0 0.8L8 4L0 7.2Z" className={classes.arrow} />
              </marker>
            </defs>
            {edges.map((edge) => (
              <g
                key={edge.id}
                className={classes.edge}
                data-dim={!lit(edge.from, edge.to) || undefined}
                data-dead={edge.dead > 0 || undefined}
                data-live={edge.rate > 0 || undefined}
              >
                <path id={`edge-${edge.id}`} d={edge.path} markerEnd="url(#arrow)" />
                {!still &&
                  Array.from({ length: dotsFor(edge.rate) }, (_, dot) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the dots are all alike.
                    <circle key={dot} r="3.5">
                      <animateMotion
                        dur="2.4s"
                        begin={`${(dot * -2.4) / dotsFor(edge.rate)}s`}
                        repeatCount="indefinite"
                        path={edge.path}
                      />
                    </circle>
                  ))}
                {edge.rate > 0 && (
                  <text x={edge.labelX} y={edge.labelY} dy="0.35em">
                    {narrow ? edge.rate : t('map.perMinute', { count: edge.rate })}
                  </text>
                )}
              </g>
            ))}
          </svg>
          {nodes.map((node) => {
            const service = services.find((one) => one.name === node.name)!
            return (
              <button
                key={node.name}
                type="button"
                className={classes.node}
                style={{ left: node.x, top: node.y - radius }}
                data-up={service.up || undefined}
                data-chosen={chosen === node.name || undefined}
                data-dim={
                  (chosen !== undefined &&
                    chosen !== node.name &&
                    !edges.some(
                      (edge) =>
                        (edge.from === chosen && edge.to === node.name) ||
                        (edge.to === chosen && edge.from === node.name),
                    )) ||
                  undefined
                }
                aria-pressed={chosen === node.name}
                onClick={() => onChoose(chosen === node.name ? undefined : node.name)}
              >
                <span className={classes.star}>
                  <span className={classes.rate}>{service.rate}</span>
                  <span className={classes.unit}>{t('map.unit')}</span>
                  {service.dead > 0 && <span className={classes.dead}>{service.dead}</span>}
                </span>
                <span className={classes.name}>{service.label}</span>
              </button>
            )
          })}
        </>
      )}
    </div>
  )
}

function dotsFor(rate: number): number {
  return rate === 0 ? 0 : Math.min(5, 1 + Math.floor(Math.log2(rate)))
}
