import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type ProxyOptions } from 'vite'
import { slimContracts } from './build/contracts.ts'
import { precompressed } from './build/precompress.ts'

const gateway = process.env.PLEIAD_GATEWAY ?? 'http://localhost:8080'

/** Whether a browser asks for one of the pages of `src/hosted/routes.ts`; those are not the gateway's to answer. */
const isPage: ProxyOptions['bypass'] = ({ url = '', headers }) =>
  headers.accept?.includes('text/html') &&
  /^\/(oidc\/[^/]+\/(sign-in\/|device|set-password|account)|oauth\/problem)/.test(url)
    ? '/index.html'
    : undefined

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [slimContracts(), react(), precompressed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy allows no data: fonts or scripts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 400,
    rolldownOptions: {
      // Schemas at the top level of platform/contract have no effect; without this, TypeBox would travel with them.
      treeshake: { manualPureFunctions: ['Type'] },
    },
  },
  server: {
    port: 5173,
    proxy: {
      '/api': { target: gateway, ws: true },
      '/.well-known': gateway,
      '/docs': gateway,
      '/health': gateway,
      '/metrics': gateway,
      // Some addresses of issuers and of the flows with providers are pages of the web app.
      '/oauth': { target: gateway, bypass: isPage },
      '/oidc': { target: gateway, bypass: isPage },
    },
  },
})
