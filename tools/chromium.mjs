/** Finds a Chromium for the browser tests, or gets one. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const places = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The path of an installed Chromium or Chrome, or undefined. CHROMIUM names another one. */
export function findChromium() {
  return places.find((place) => place && existsSync(place))
}

/** Makes sure there is one: Debian's package as root, Playwright's own build otherwise. Throws with what to do. */
export async function ensureChromium() {
  const found = findChromium()
  if (found) return found
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('Installing Chromium for the browser tests …')
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
    spawnSync(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation'],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      },
    )
  } else {
    const { chromium } = await import('playwright-core')
    if (existsSync(chromium.executablePath())) return chromium.executablePath()
    console.log('Downloading Chromium for the browser tests …')
    spawnSync('npx', ['playwright-core', 'install', 'chromium'], { stdio: 'inherit' })
    if (existsSync(chromium.executablePath())) return chromium.executablePath()
  }
  const installed = findChromium()
  if (!installed)
    throw new Error(
      'The browser tests need Chromium. Install it (Debian: apt-get install chromium) or set CHROMIUM to its path.',
    )
  return installed
}
