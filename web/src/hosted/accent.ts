/** A project's colour, made fit to be read: https://www.w3.org/TR/WCAG22/#contrast-minimum */

type Rgb = readonly [number, number, number]

/** Text on the page and on a button must differ from its ground by this much. */
const READABLE = 4.5

function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

function hexOf(rgb: Rgb): string {
  return `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance([r, g, b]: Rgb): number {
  const linear = (part: number) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/** Contrast of two colours (`#rrggbb`), from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(rgbOf(one)), luminance(rgbOf(other))].sort((a, b) => b - a) as [
    number,
    number,
  ]
  return (light + 0.05) / (dark + 0.05)
}

/** The colour nearest to `hex`, on the way to black or white, that can be read on `ground`. */
export function readableOn(hex: string, ground: string): string {
  const target: Rgb = luminance(rgbOf(ground)) > 0.18 ? [0, 0, 0] : [255, 255, 255]
  const from = rgbOf(hex)
  for (let step = 0; step <= 20; step++) {
    const mixed = hexOf(from.map((part, at) => part + ((target[at]! - part) * step) / 20) as unknown as Rgb)
    if (contrast(mixed, ground) >= READABLE) return mixed
  }
  return hexOf(target)
}

/** What a page in the project's colour needs, by scheme: the button, its text, links. */
export function accentOf(
  hex: string,
  dark: boolean,
): { button: string; onButton: string; hover: string; link: string } {
  const button = hex.toLowerCase()
  const onButton = contrast(button, '#ffffff') >= READABLE ? '#ffffff' : '#14151f'
  // A middling colour carries neither white nor black well enough: darken it until white can be read.
  const fitting = contrast(button, onButton) >= READABLE ? button : readableOn(button, '#ffffff')
  const text = fitting === button ? onButton : '#ffffff'
  const hover = hexOf(
    rgbOf(fitting).map((part) => part * (text === '#ffffff' ? 0.9 : 0.94)) as unknown as Rgb,
  )
  return { button: fitting, onButton: text, hover, link: readableOn(button, dark ? '#171824' : '#ffffff') }
}
