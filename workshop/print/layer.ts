/** The time of a layer: its lines at the speed that cooling allows, and the ways between them. */
import type { FdmRole, Lines } from './lines.ts'
import { lineTime } from './motion.ts'
import type { FdmProfile } from './profile.ts'
import type { Section } from './section.ts'

export interface LayerWork {
  readonly roles: readonly { role: FdmRole | 'travel'; mm3: number; seconds: number; pieces: number }[]
}

export function layerWork(
  lines: readonly Lines[],
  { external: { count: loops }, area }: Section,
  profile: FdmProfile,
  first: boolean,
): LayerWork {
  const { retract, speed, acceleration } = profile
  const stops = lines.reduce(
    (sum, line) => sum + (line.role === 'perimeter' || line.role === 'external' ? 0 : line.pieces),
    loops,
  )
  const spread = Math.max(area, 1)
  const travel = 0.71 * Math.sqrt(Math.max(1, stops) * spread * 1.3)
  const each = travel / Math.max(1, stops)
  const pull = retract.lengthMm / retract.speed
  const lift = lineTime(retract.liftMm, profile.jerkZ, profile.speedZ, acceleration.z)
  const retracts = each > retract.beforeMm ? stops : stops * 0.5
  const seconds =
    stops * lineTime(each, profile.jerk, speed.travel, acceleration.travel) +
    retracts * 2 * (pull + lift) +
    loops * 0.05
  const naive = travel / speed.travel + retracts * 2 * (pull + retract.liftMm / profile.speedZ)
  const speeds = slowDown(lines, naive, profile)
  return {
    roles: [
      ...lines.map((line, i) => ({
        role: line.role,
        mm3: line.mm3,
        seconds: line.seconds(speeds[i]!),
        pieces: line.pieces,
      })),
      { role: 'travel' as const, mm3: 0, seconds: first ? seconds + 3 : seconds, pieces: retracts },
    ],
  }
}

/** The fastest lines are slowed first, outer walls last, bridges never, until the layer takes as long as it has to. */
export function slowDown(lines: readonly Lines[], travel: number, profile: FdmProfile): number[] {
  const speeds = lines.map((line) => line.speed)
  const taken = () => lines.reduce((sum, line, i) => sum + line.length / speeds[i]!, travel)
  for (const outer of [false, true]) {
    const may = lines.map(({ role }) => role !== 'bridge' && (outer || role !== 'external'))
    let missing = profile.minLayerSeconds - taken()
    while (missing > 1e-9) {
      const fastest = Math.max(profile.minSpeed, ...speeds.filter((_, i) => may[i]))
      if (fastest <= profile.minSpeed) break
      const next = Math.max(profile.minSpeed, ...speeds.filter((speed, i) => may[i] && speed < fastest))
      let length = 0
      lines.forEach((line, i) => {
        if (may[i] && speeds[i] === fastest) length += line.length
      })
      const won = length / next - length / fastest
      const speed = won > missing ? length / (length / fastest + missing) : next
      speeds.forEach((own, i) => {
        if (may[i] && own === fastest) speeds[i] = speed
      })
      missing -= Math.min(won, missing)
    }
  }
  return speeds
}
