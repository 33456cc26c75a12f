/** SQL of people, operators, shifts, machines and materials. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Machine, Material, Operator, Shift, Technique, WorkState } from './contract-schemas.ts'

export async function savePerson(
  tx: Tx,
  person: { userId: string; displayName: string; version: number },
): Promise<void> {
  await tx`
    insert into people (user_id, display_name, version)
    values (${person.userId}, ${person.displayName}, ${person.version})
    on conflict (user_id) do update set display_name = excluded.display_name, version = excluded.version
    where people.version < excluded.version`
}

export async function isKnown(sql: Sql, userId: string): Promise<boolean> {
  return (await sql`select 1 from people where user_id = ${userId}`).length > 0
}

const operatorColumns = (sql: Sql) => sql`
  o.operator_id as "operatorId", coalesce(p.display_name, '') as name, o.skills, o.active, o.version`

export async function findOperator(sql: Sql, operatorId: string): Promise<Operator | undefined> {
  const [row] = await sql<Operator[]>`
    select ${operatorColumns(sql)} from operators o left join people p on p.user_id = o.operator_id
    where o.operator_id = ${operatorId}`
  return row
}

/** The operator, locked until the transaction ends. */
export async function lockOperator(tx: Tx, operatorId: string): Promise<Operator | undefined> {
  await tx`select 1 from operators where operator_id = ${operatorId} for update`
  return findOperator(tx, operatorId)
}

export async function saveOperator(
  tx: Tx,
  operatorId: string,
  skills: readonly Technique[],
  active: boolean,
): Promise<Operator> {
  await tx`
    insert into operators (operator_id, skills, active) values (${operatorId}, ${skills as Technique[]}, ${active})
    on conflict (operator_id) do update set skills = excluded.skills, active = excluded.active,
      version = operators.version + 1`
  return (await findOperator(tx, operatorId))!
}

/** By name; one more than `limit` when there is a next page. */
export async function listOperators(
  sql: Sql,
  after: { readonly name: string; readonly operatorId: string } | undefined,
  limit: number,
): Promise<Operator[]> {
  return sql<Operator[]>`
    select ${operatorColumns(sql)} from operators o left join people p on p.user_id = o.operator_id
    where true ${after ? sql`and (coalesce(p.display_name, ''), o.operator_id) > (${after.name}, ${after.operatorId}::uuid)` : sql``}
    order by coalesce(p.display_name, ''), o.operator_id limit ${limit + 1}`
}

interface ShiftRow {
  shift_id: string
  operator_id: string
  operator_name: string
  starts_at: Date
  ends_at: Date
}
const shiftOf = (row: ShiftRow): Shift => ({
  shiftId: row.shift_id,
  operatorId: row.operator_id,
  operatorName: row.operator_name,
  startsAt: row.starts_at.toISOString(),
  endsAt: row.ends_at.toISOString(),
})
const shifts = (sql: Sql) => sql`
  select s.*, coalesce(p.display_name, '') as operator_name
  from shifts s left join people p on p.user_id = s.operator_id`

/** Shifts that touch a period, five thousand at most. */
export async function listShifts(sql: Sql, from: Date, until: Date): Promise<Shift[]> {
  const rows = await sql<ShiftRow[]>`
    ${shifts(sql)} where s.ends_at > ${from} and s.starts_at < ${until}
    order by s.starts_at, s.shift_id limit 5000`
  return rows.map(shiftOf)
}

/** The shift that an operator is on, or their next. */
export async function nextShift(sql: Sql, operatorId: string, now: Date): Promise<Shift | undefined> {
  const [row] = await sql<ShiftRow[]>`
    ${shifts(sql)} where s.operator_id = ${operatorId} and s.ends_at > ${now} order by s.ends_at limit 1`
  return row && shiftOf(row)
}

/** Whether an operator has a shift at that time; ask while holding the operator. */
export async function hasShift(sql: Sql, operatorId: string, from: Date, until: Date): Promise<boolean> {
  return (
    (
      await sql`select 1 from shifts where operator_id = ${operatorId} and ends_at > ${from}
      and starts_at < ${until} limit 1`
    ).length > 0
  )
}

export async function insertShift(
  tx: Tx,
  shift: { shiftId: string; operatorId: string; startsAt: Date; endsAt: Date },
): Promise<Shift> {
  await tx`
    insert into shifts (shift_id, operator_id, starts_at, ends_at)
    values (${shift.shiftId}, ${shift.operatorId}, ${shift.startsAt}, ${shift.endsAt})`
  const [row] = await tx<ShiftRow[]>`${shifts(tx)} where s.shift_id = ${shift.shiftId}`
  return shiftOf(row!)
}

export async function deleteShift(tx: Tx, shiftId: string): Promise<boolean> {
  return (await tx`delete from shifts where shift_id = ${shiftId} returning 1`).length > 0
}

interface MachineRow {
  machine_id: string
  name: string
  technique: 'fdm' | 'sla' | 'sls'
  materials: string[]
  size_mm: { x: number; y: number; z: number }
  state: Machine['state']
  reason: string | null
  version: number
  work_id: string | null
  work_name: string | null
  order_number: string | null
  work_state: WorkState | null
  machine_seconds: number | null
  worked_seconds: number | null
  running_since: Date | null
}

function machineOf(row: MachineRow): Machine {
  const left = (row.machine_seconds ?? 0) - (row.worked_seconds ?? 0)
  return {
    machineId: row.machine_id,
    name: row.name,
    technique: row.technique,
    materials: row.materials,
    sizeMm: row.size_mm,
    state: row.state,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.work_id === null
      ? {}
      : {
          work: {
            workId: row.work_id,
            name: row.work_name!,
            orderNumber: row.order_number!,
            state: row.work_state!,
            ...(row.running_since
              ? { endsAt: new Date(row.running_since.getTime() + left * 1000).toISOString() }
              : {}),
          },
        }),
    version: row.version,
  }
}
const machines = (sql: Sql) => sql`
  select m.*, w.work_id, w.name as work_name, o.number as order_number, w.state as work_state, w.machine_seconds,
    w.worked_seconds, w.running_since
  from machines m left join works w on w.machine_id = m.machine_id and w.state = 'started'
    left join orders o on o.order_id = w.order_id`

/** By name. There are `most` at most. */
export async function listMachines(sql: Sql, most: number): Promise<Machine[]> {
  return (await sql<MachineRow[]>`${machines(sql)} order by m.name limit ${most}`).map(machineOf)
}

export async function findMachine(sql: Sql, machineId: string): Promise<Machine | undefined> {
  const [row] = await sql<MachineRow[]>`${machines(sql)} where m.machine_id = ${machineId}`
  return row && machineOf(row)
}

/** The machine, locked until the transaction ends. */
export async function lockMachine(tx: Tx, machineId: string): Promise<Machine | undefined> {
  await tx`select 1 from machines where machine_id = ${machineId} for update`
  return findMachine(tx, machineId)
}

/** Counts the machines; whoever adds one at the same moment waits. */
export async function countMachines(tx: Tx): Promise<number> {
  await tx`lock table machines in share row exclusive mode`
  return (await tx<{ count: number }[]>`select count(*)::int as count from machines`)[0]!.count
}

type Draft = Pick<Machine, 'name' | 'technique' | 'materials' | 'sizeMm'>

export async function insertMachine(tx: Tx, machineId: string, draft: Draft, at: Date): Promise<Machine> {
  await tx`
    insert into machines (machine_id, name, technique, materials, size_mm, created_at)
    values (${machineId}, ${draft.name}, ${draft.technique}, ${draft.materials}, ${tx.json(draft.sizeMm)}, ${at})`
  return (await findMachine(tx, machineId))!
}

export async function saveMachine(tx: Tx, machineId: string, draft: Draft): Promise<Machine> {
  await tx`
    update machines set name = ${draft.name}, technique = ${draft.technique}, materials = ${draft.materials},
      size_mm = ${tx.json(draft.sizeMm)}, version = version + 1
    where machine_id = ${machineId}`
  return (await findMachine(tx, machineId))!
}

export async function saveMachineState(
  tx: Tx,
  machineId: string,
  state: Machine['state'],
  reason: string | null,
): Promise<Machine> {
  await tx`
    update machines set state = ${state}, reason = ${reason}, version = version + 1 where machine_id = ${machineId}`
  return (await findMachine(tx, machineId))!
}

export interface Move {
  readonly moveId: string
  readonly material: string
  readonly color: string
  readonly grams: number
  readonly reason: string
  readonly by: string | null
  readonly workId: string | null
  readonly at: Date
}

/** Adds to what lies there, or takes from it, and notes why. `onlyKnown`: not for what nobody keeps count of. */
export async function moveMaterial(
  tx: Tx,
  move: Move,
  options: { minimum?: number | undefined; onlyKnown?: boolean } = {},
): Promise<void> {
  const rows = options.onlyKnown
    ? await tx`
        update materials set grams_on_hand = grams_on_hand + ${move.grams}
        where material = ${move.material} and color = ${move.color} returning 1`
    : await tx`
        insert into materials (material, color, grams_on_hand, grams_minimum)
        values (${move.material}, ${move.color}, ${move.grams}, ${options.minimum ?? 0})
        on conflict (material, color) do update set grams_on_hand = materials.grams_on_hand + excluded.grams_on_hand,
          grams_minimum = coalesce(${options.minimum ?? null}, materials.grams_minimum)
        returning 1`
  if (rows.length === 0) return
  await tx`
    insert into material_moves (move_id, material, color, grams, reason, by_id, work_id, at)
    values (${move.moveId}, ${move.material}, ${move.color}, ${move.grams}, ${move.reason}, ${move.by},
      ${move.workId}, ${move.at})`
}

/** What lies there and what open works take; what runs out first comes first. */
export async function listMaterials(
  sql: Sql,
  only?: { readonly material: string; readonly color: string },
): Promise<Material[]> {
  const rows = await sql<Omit<Material, 'low'>[]>`
    select m.material, m.color, m.grams_on_hand as "gramsOnHand", m.grams_minimum as "gramsMinimum",
      coalesce(w.needed, 0) as "gramsNeeded"
    from materials m left join (select material, color, sum(material_g) as needed from works
      where state in ('free', 'claimed', 'started', 'paused') group by material, color) w
      on w.material = m.material and w.color = m.color
    ${only ? sql`where m.material = ${only.material} and m.color = ${only.color}` : sql``}
    order by m.grams_on_hand - coalesce(w.needed, 0) - m.grams_minimum, m.material, m.color limit 500`
  return rows.map((row) => ({
    ...row,
    low: row.gramsOnHand < row.gramsNeeded || row.gramsOnHand < row.gramsMinimum,
  }))
}

/** Erases a person: the name goes, what was made stays with the workshop. */
export async function erasePerson(tx: Tx, userId: string): Promise<void> {
  await tx`delete from people where user_id = ${userId}`
  await tx`update operators set active = false, version = version + 1 where operator_id = ${userId}`
  await tx`delete from shifts where operator_id = ${userId}`
  await tx`
    update orders set customer_name = '—', delivery = '{}', version = version + 1 where customer_id = ${userId}`
}
