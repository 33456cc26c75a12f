/** The database is away at the very moment when a provider's new tokens arrive: they are not lost. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../platform/store/connect.ts'
import { type Bed, startBed } from '../../services/oauth/testing-bed.ts'

let bed: Bed
beforeAll(async () => {
  bed = await startBed({ LOG_LEVEL: 'silent' })
})
afterAll(() => bed?.stop())

test('tokens that were rotated are stored when the database is back, and nobody asks the provider again', async () => {
  const project = await bed.createProject()
  await bed.configure(project)
  const { connectionId } = await bed.connect(project)
  const old = await project.program.getToken({ params: { connectionId } })
  bed.advance(3_600_000)
  const admin = connect(bed.platform.host.config.DATABASE_URL!, { max: 1 })
  const away = { connections: 0, back: Promise.resolve() }
  bed.provider.behaviour.afterRotation = async () => {
    bed.provider.behaviour.afterRotation = undefined
    const [role] = await admin<{ usename: string }[]>`
      select usename from pg_stat_activity
      where datname = current_database() and application_name = 'pleiad-oauth' limit 1`
    await admin`alter role ${admin(role!.usename)} nologin`
    const ended = await admin`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'pleiad-oauth'`
    away.connections = ended.length
    away.back = new Promise<void>((resolve) => setTimeout(resolve, 700)).then(
      async () => void (await admin`alter role ${admin(role!.usename)} login`),
    )
  }
  const before = bed.provider.refreshes().length
  await project.program.getToken({ params: { connectionId } }).catch(() => {})
  await expect
    .poll(() => project.program.getToken({ params: { connectionId } }).catch((error) => error.status), {
      timeout: 20_000,
    })
    .toMatchObject({ accessToken: expect.not.stringMatching(old.accessToken) })
  await away.back
  expect(away.connections).toBeGreaterThan(0)
  expect(bed.provider.refreshes().length - before).toBe(1)
  expect(bed.provider.revokedFamilies.size).toBe(0)
  await admin.end()
})
