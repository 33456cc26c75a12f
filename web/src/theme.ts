/** The look: night indigo as the one accent over cool neutrals. Every pair of text and ground keeps 4.5:1. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const iris: MantineColorsTuple = [
  '#f2f2ff',
  '#e4e4fe',
  '#cbcbfd',
  '#adadfa',
  '#9191f5',
  '#736fea',
  '#5a53dc',
  '#4b44c2',
  '#3d389d',
  '#2c2a72',
]
const gray: MantineColorsTuple = [
  '#f7f7fb',
  '#eff0f6',
  '#e3e4ed',
  '#d2d4e0',
  '#b4b7c8',
  '#8a8ea3',
  '#646880',
  '#4a4d63',
  '#303346',
  '#1b1d2b',
]
const dark: MantineColorsTuple = [
  '#dcdeeb',
  '#c3c6d8',
  '#a3a7bd',
  '#767a92',
  '#3d4056',
  '#2a2c3f',
  '#1f2130',
  '#171824',
  '#10111b',
  '#0a0b12',
]
const red: MantineColorsTuple = [
  '#fff1f1',
  '#ffe0e0',
  '#fcc2c4',
  '#f79a9e',
  '#ee6f76',
  '#e04b55',
  '#c9303d',
  '#ab2230',
  '#8a1b27',
  '#62131b',
]
const green: MantineColorsTuple = [
  '#ecfaf3',
  '#d3f2e2',
  '#a6e3c5',
  '#74d0a4',
  '#45b983',
  '#249c67',
  '#147a4e',
  '#0f6340',
  '#0d4f34',
  '#093524',
]
const yellow: MantineColorsTuple = [
  '#fff8e6',
  '#feefc8',
  '#fbdd90',
  '#f5c654',
  '#e9ad26',
  '#c98d0c',
  '#9a6700',
  '#7d5300',
  '#624100',
  '#422c00',
]

/** Mantine makes the head of a dialog a <header>; beside the page’s own it would be a second banner. */
const noLandmark = { header: { role: 'none' } }

export const theme = createTheme({
  colors: { iris, gray, dark, red, green, yellow },
  primaryColor: 'iris',
  primaryShade: { light: 6, dark: 6 },
  black: '#1b1d2b',
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '10px', lg: '14px', xl: '20px' },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontSmoothing: true,
  fontFamilyMonospace:
    "ui-monospace, 'SF Mono', 'Cascadia Code', 'JetBrains Mono', 'DejaVu Sans Mono', monospace",
  headings: {
    fontWeight: '640',
    sizes: {
      h1: { fontSize: '1.625rem', lineHeight: '1.25' },
      h2: { fontSize: '1.1875rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  shadows: {
    xs: '0 1px 2px rgb(20 22 45 / 6%)',
    sm: '0 1px 2px rgb(20 22 45 / 5%), 0 4px 14px rgb(20 22 45 / 5%)',
    md: '0 2px 4px rgb(20 22 45 / 5%), 0 12px 32px rgb(20 22 45 / 9%)',
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  components: {
    Button: { defaultProps: { radius: 'md' } },
    Badge: { defaultProps: { radius: 'sm', variant: 'light', tt: 'none', fw: 560 } },
    Drawer: { defaultProps: { padding: 'lg', attributes: noLandmark } },
    Modal: {
      defaultProps: {
        attributes: noLandmark,
        centered: true,
        radius: 'lg',
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
      },
    },
    // The first item gets the focus, not an element between menu and items.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { openDelay: 250, events: { hover: true, focus: true, touch: false } } },
    Table: { defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } },
    Anchor: { defaultProps: { underline: 'hover' } },
  },
})

/** Grounds and text that Mantine's defaults leave too close to each other. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--pleiad-night': '#12122a' },
  light: {
    '--mantine-color-body': '#ffffff',
    '--pleiad-ground': '#f7f7fb',
    '--pleiad-line': '#e6e7f0',
    '--pleiad-soft': '#f2f2ff',
    '--mantine-color-dimmed': '#5d6178',
    '--mantine-color-placeholder': '#6b6f86',
    '--mantine-color-error': '#b5202e',
    '--mantine-color-anchor': '#4b44c2',
    '--mantine-color-red-light-color': '#9a1c29',
    '--mantine-color-green-light-color': '#0f5c3b',
    '--mantine-color-yellow-light-color': '#6b4700',
    '--mantine-color-gray-light-color': '#43465b',
    '--mantine-color-iris-light-color': '#433cb0',
  },
  dark: {
    '--mantine-color-body': '#171824',
    '--pleiad-ground': '#10111b',
    '--pleiad-line': '#2a2c3f',
    '--pleiad-soft': '#22233c',
    '--mantine-color-dimmed': '#a3a7bd',
    '--mantine-color-placeholder': '#9397ad',
    '--mantine-color-error': '#ff8f96',
    '--mantine-color-anchor': '#a9a9fa',
    '--mantine-color-red-light-color': '#ffabb0',
    '--mantine-color-green-light-color': '#86dcb3',
    '--mantine-color-yellow-light-color': '#f5cf74',
    '--mantine-color-gray-light-color': '#c9ccdd',
    '--mantine-color-iris-light-color': '#c3c3ff',
    '--mantine-color-red-light': 'rgb(224 75 85 / 16%)',
    '--mantine-color-green-light': 'rgb(36 156 103 / 18%)',
    '--mantine-color-yellow-light': 'rgb(233 173 38 / 15%)',
    '--mantine-color-gray-light': 'rgb(163 167 189 / 14%)',
    '--mantine-color-iris-light': 'rgb(115 111 234 / 20%)',
    '--mantine-color-iris-text': '#adadfa',
    '--mantine-color-iris-outline': '#9191f5',
  },
})
