/** A server process with the issuers alone, for tests that need several or that kill one. Says where it listens. */
import { startHost } from '@pleiad/platform/server'
import service from '../../services/oidc/service.ts'
import { oauthStandIn } from '../../services/oidc/testing-bed.ts'

const host = await startHost({ services: [service, oauthStandIn()], env: process.env })
process.send?.({ url: host.url })
process.on('disconnect', () => void host.stop().then(() => process.exit(0)))
