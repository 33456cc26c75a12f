/** Cron jobs: each due time becomes one outbox row in the whole installation, whoever gets the row lock. */
import { Cron } from 'croner'
import type { Job } from '../service/service.ts'
import type { Store } from '../store/store.ts'
import { jobType } from './consumers.ts'
import { createLoop, type Loop } from './loop.ts'

export interface ScheduleOptions {
  readonly service: string
  readonly jobs: Readonly<Record<string, Pick<Job<never>, 'schedule'>>>
  readonly store: Store
  readonly onError: (error: unknown) => void
}

/** The first time after `after` that `cron` (five or six fields, UTC) names; undefined when there is none. */
export function nextTime(cron: string, after: Date): Date | undefined {
  return new Cron(cron, { timezone: 'UTC' }).nextRun(after) ?? undefined
}

/** Enters the jobs of this service; a changed expression counts from now, an unchanged one keeps its next time. */
export async function enterJobs({ service, jobs, store }: Omit<ScheduleOptions, 'onError'>): Promise<void> {
  if (Object.keys(jobs).length === 0) return
  const { sql } = store
  const now = await databaseTime(store)
  for (const [job, { schedule }] of Object.entries(jobs)) {
    const next = nextTime(schedule, now)
    if (!next) throw new Error(`${service}: the job ${job} (${schedule}) never falls due`)
    await sql`
      insert into schedules (job, cron, next_at) values (${job}, ${schedule}, ${next})
      on conflict (job) do update set cron = excluded.cron, next_at = excluded.next_at
      where schedules.cron <> excluded.cron`
  }
}

/** Makes the loop that emits what falls due. After downtime a missed job runs once, however many times it missed. */
export function createScheduler(options: ScheduleOptions): Loop {
  const names = Object.keys(options.jobs)
  return createLoop(async () => {
    if (names.length === 0) return Number.POSITIVE_INFINITY
    return options.store.transact(async (tx) => {
      const now = await databaseTime({ sql: tx })
      const due = await tx<{ job: string; cron: string; next_at: Date }[]>`
        select job, cron, next_at from schedules where job = any(${names}) and next_at <= ${now} order by job for update skip locked`
      for (const { job, cron, next_at } of due) {
        tx.emit({
          type: jobType(options.service, job),
          version: 1,
          key: job,
          data: { dueAt: next_at.toISOString() },
        })
        const next = nextTime(cron, now)
        await tx`update schedules set next_at = ${next ?? 'infinity'} where job = ${job}`
      }
      const [first] = await tx<{ wait: number }[]>`
        select extract(epoch from least(min(next_at), now() + interval '1 day') - clock_timestamp())::float8 * 1000 as wait
        from schedules where job = any(${names})`
      // At least a moment: a row that another process holds is its to emit.
      return Math.max(50, first!.wait)
    })
  }, options.onError)
}

/** The clock all processes share. */
export async function databaseTime({ sql }: Pick<Store, 'sql'>): Promise<Date> {
  const [row] = await sql<{ now: Date }[]>`select clock_timestamp() as now`
  return row!.now
}
