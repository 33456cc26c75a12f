/** SQL of the figures: throughput and utilisation of a bounded period. */
import type { Sql } from '@pleiad/platform/store'

interface Day {
  day: string
  finished: number
  scrapped: number
  delivered: number
}

/** Every day of the period, also those on which nothing happened. */
export async function throughput(sql: Sql, from: Date, until: Date): Promise<Day[]> {
  return sql<Day[]>`
    select to_char(d.day, 'YYYY-MM-DD') as day, coalesce(f.pieces, 0)::int as finished,
      coalesce(s.pieces, 0)::int as scrapped, coalesce(o.orders, 0)::int as delivered
    from generate_series(date_trunc('day', ${from}::timestamptz at time zone 'UTC'),
      ${until}::timestamptz at time zone 'UTC', interval '1 day') as d(day)
    left join (select date_trunc('day', finished_at at time zone 'UTC') as day, sum(quantity - scrapped) as pieces
      from works where finished_at >= ${from} and finished_at < ${until} group by 1) f on f.day = d.day
    left join (select date_trunc('day', at at time zone 'UTC') as day, sum(quantity) as pieces
      from scraps where at >= ${from} and at < ${until} group by 1) s on s.day = d.day
    left join (select date_trunc('day', delivered_at at time zone 'UTC') as day, count(*) as orders
      from orders where delivered_at >= ${from} and delivered_at < ${until} group by 1) o on o.day = d.day
    order by d.day`
}

export interface Used {
  id: string
  name: string
  workedSeconds: number
  /** Of the shifts, for operators. */
  shiftSeconds: number
  finished: number
  scrapped: number
}

/** What ran when, cut to the period. */
const worked = (sql: Sql, from: Date, until: Date) => sql`
  select *, extract(epoch from least(until_at, ${until}) - greatest(from_at, ${from})) as seconds
  from stretches where until_at > ${from} and from_at < ${until}`

export async function machinesUsed(sql: Sql, from: Date, until: Date): Promise<Used[]> {
  return sql<Used[]>`
    select m.machine_id as id, m.name, coalesce(s.seconds, 0)::int as "workedSeconds", 0 as "shiftSeconds",
      coalesce(f.pieces, 0)::int as finished, coalesce(x.pieces, 0)::int as scrapped
    from machines m
    left join (select machine_id, sum(seconds) as seconds from (${worked(sql, from, until)}) s group by 1) s
      on s.machine_id = m.machine_id
    left join (select machine_id, sum(quantity - scrapped) as pieces from works
      where finished_at >= ${from} and finished_at < ${until} group by 1) f on f.machine_id = m.machine_id
    left join (select machine_id, sum(quantity) as pieces from scraps where at >= ${from} and at < ${until} group by 1) x
      on x.machine_id = m.machine_id
    where m.state <> 'retired' or s.seconds > 0
    order by m.name limit 200`
}

export async function operatorsUsed(sql: Sql, from: Date, until: Date): Promise<Used[]> {
  return sql<Used[]>`
    select o.operator_id as id, coalesce(p.display_name, '') as name, coalesce(s.seconds, 0)::int as "workedSeconds",
      coalesce(h.seconds, 0)::int as "shiftSeconds", coalesce(f.pieces, 0)::int as finished,
      coalesce(x.pieces, 0)::int as scrapped
    from operators o left join people p on p.user_id = o.operator_id
    left join (select operator_id, sum(seconds) as seconds from (${worked(sql, from, until)}) s group by 1) s
      on s.operator_id = o.operator_id
    left join (select operator_id, sum(extract(epoch from least(ends_at, ${until}) - greatest(starts_at, ${from})))
      as seconds from shifts where ends_at > ${from} and starts_at < ${until} group by 1) h
      on h.operator_id = o.operator_id
    left join (select operator_id, sum(quantity - scrapped) as pieces from works
      where finished_at >= ${from} and finished_at < ${until} group by 1) f on f.operator_id = o.operator_id
    left join (select operator_id, sum(quantity) as pieces from scraps where at >= ${from} and at < ${until} group by 1) x
      on x.operator_id = o.operator_id
    where o.active or s.seconds > 0
    order by name, id limit 500`
}
