import './styles.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api.ts'
import { startLanguages } from './i18n/i18n.ts'
import { router } from './router.ts'
import { onSession } from './session.ts'
import { cssVariables, theme } from './theme.ts'

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
// Style elements made while running carry the page's nonce, or the browser refuses them. Mantine is told below; its
// scroll lock reads this global (get-nonce, https://github.com/theKashey/get-nonce).
Object.assign(globalThis, { __webpack_nonce__: nonce })

const schemeManager = localStorageColorSchemeManager({ key: 'pleiad.scheme' })

onSession((signedIn, chosen) => {
  if (signedIn) void router.invalidate()
  else {
    queryClient.clear()
    const { pathname, href } = router.state.location
    if (router.state.matches.some((match) => match.routeId === '/app'))
      void router.navigate({ to: '/sign-in', search: chosen || pathname === '/' ? {} : { to: href } })
  }
})

await startLanguages()

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={schemeManager}
      getStyleNonce={() => nonce}
    >
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
