/** The Pleiades as the eye sees them: seven stars, the brightest in the middle. Positions follow the sky. */
const stars = [
  { name: 'Alcyone', x: 15.6, y: 17.2, r: 3.1 },
  { name: 'Atlas', x: 6.4, y: 20.4, r: 2.1 },
  { name: 'Electra', x: 24.8, y: 15.4, r: 1.9 },
  { name: 'Maia', x: 22.2, y: 9.2, r: 2.2 },
  { name: 'Merope', x: 17.4, y: 23.6, r: 1.7 },
  { name: 'Pleione', x: 26.4, y: 20.6, r: 1.4 },
  { name: 'Taygeta', x: 14.6, y: 9, r: 1.4 },
] as const

/** The mark alone; decorative, so that the name beside it is read once. */
export function Mark({ size = 28, color = 'currentColor' }: { size?: number; color?: string }) {
  return (
    <svg width={size} height={size} viewBox="2 4 28 24" fill={color} aria-hidden="true" focusable="false">
      {stars.map((star) => (
        <circle key={star.name} cx={star.x} cy={star.y} r={star.r} />
      ))}
    </svg>
  )
}

const links = [
  'Atlas-Alcyone',
  'Alcyone-Merope',
  'Merope-Pleione',
  'Pleione-Electra',
  'Electra-Maia',
  'Maia-Taygeta',
  'Taygeta-Alcyone',
  'Alcyone-Maia',
]

/** The cluster drawn large, with its lines, for the sign-in pages. */
export function Constellation({ className }: { className?: string }) {
  const at = (name: string | undefined) => stars.find((star) => star.name === name)!
  return (
    <svg className={className} viewBox="2 4 28 24" aria-hidden="true" focusable="false">
      <g stroke="currentColor" strokeWidth="0.07" strokeOpacity="0.45">
        {links.map((link) => {
          const [from, to] = link.split('-').map(at)
          return <line key={link} x1={from!.x} y1={from!.y} x2={to!.x} y2={to!.y} />
        })}
      </g>
      {stars.map((star) => (
        <g key={star.name} fill="currentColor">
          <circle cx={star.x} cy={star.y} r={star.r * 0.85} fillOpacity="0.08" />
          <circle cx={star.x} cy={star.y} r={star.r * 0.22} />
        </g>
      ))}
    </svg>
  )
}
