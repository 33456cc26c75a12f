/**
 * A server process with the vault alone, for tests that need several or that kill one. Says where it listens; lets one
 * program in, whose project and token come with the environment.
 */
import { startHost } from '@pleiad/platform/server'
import service from '../../services/oauth/service.ts'

const { TEST_PROJECT: projectId = '', TEST_TOKEN: token = '' } = process.env
const scopes = ['connections:read', 'connections:write', 'vault:read']
const host = await startHost({
  services: [service],
  env: process.env,
  extraCredentials: [
    {
      prefix: 'test_',
      resolve: async (given) =>
        given === token
          ? {
              caller: {
                id: projectId,
                sid: projectId,
                kind: 'program',
                roles: [],
                permissions: [],
                project: { id: projectId, environment: 'production', scopes },
              },
            }
          : undefined,
    },
  ],
})
process.send?.({ url: host.url })
process.on('disconnect', () => void host.stop().then(() => process.exit(0)))
