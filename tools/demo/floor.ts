/** What a workshop has before the first order: machines, shifts, materials, ready-made items, prices to come. */
import type { People } from './people.ts'
import { until } from './people.ts'

const DAY_MS = 86_400_000

const machines = [
  { name: 'Demo FDM 1', technique: 'fdm', sizeMm: { x: 250, y: 210, z: 210 } },
  { name: 'Demo FDM 2', technique: 'fdm', sizeMm: { x: 250, y: 210, z: 210 } },
  { name: 'Demo FDM 3', technique: 'fdm', sizeMm: { x: 300, y: 300, z: 400 } },
  { name: 'Demo Resin', technique: 'sla', sizeMm: { x: 192, y: 120, z: 245 } },
  { name: 'Demo Powder', technique: 'sls', sizeMm: { x: 320, y: 320, z: 600 } },
] as const

const items = [
  { sku: 'DEMO-BOX', en: 'Storage box', ru: 'Коробка для мелочей', price: 1200, stock: 40 },
  { sku: 'DEMO-HOOK', en: 'Wall hook', ru: 'Крючок на стену', price: 450, stock: 120 },
  { sku: 'DEMO-POT', en: 'Plant pot', ru: 'Горшок для растения', price: 1900, stock: 15 },
  { sku: 'DEMO-SPOOL', en: 'Cable spool', ru: 'Катушка для кабеля', price: 700, stock: 3 },
] as const

/** A time of a day from today on. */
function at(day: number, hour: number): string {
  const date = new Date(Date.now() + day * DAY_MS)
  date.setUTCHours(hour, 0, 0, 0)
  return date.toISOString()
}

export type Floor = Awaited<ReturnType<typeof furnish>>

/** Furnishes the workshop. */
export async function furnish({ head, senior, office, makers }: People) {
  for (const [n, { id }] of makers.entries()) {
    const skills = n === 0 ? (['fdm', 'sla', 'sls', 'pick'] as const) : (['fdm', 'pick'] as const)
    const body = { skills: [...skills], active: true }
    // Production hears of new people a moment later.
    await until('production knows its people', () =>
      head.operators.setOperator({ params: { operatorId: id }, body }),
    )
    for (const day of [0, 1, 2]) {
      const shift = { operatorId: id, startsAt: at(day, 6 + n), endsAt: at(day, 14 + n) }
      await senior.operators.createShift({ body: shift })
    }
  }
  const made: Record<string, string> = {}
  for (const machine of machines) {
    const { machineId } = await head.operators.createMachine({ body: { ...machine, materials: [] } })
    made[machine.name] = machineId
  }
  await head.operators.setMachineState({
    params: { machineId: made['Demo FDM 3']! },
    body: { state: 'down', reason: 'The nozzle is being changed' },
  })
  for (const [material, color, grams] of [
    ['pla', 'white', 4200],
    ['pla', 'black', 1800],
    ['pla', 'red', 350],
    ['petg', 'black', 2500],
  ] as const)
    await senior.operators.adjustMaterial({
      params: { material, color },
      body: { grams, gramsMinimum: 500, reason: 'Counted' },
    })
  for (const { sku, en, ru, price, stock } of items) {
    const body = { sku, names: { en, ru }, about: { en: '', ru: '' }, price, currency: 'EUR', stock }
    await office.shop.createItem({ body: { ...body, pictures: [], active: true } })
  }
  await until('the catalogue is there', async () => (await office.shop.getCatalogue()).bookVersion > 0)
  // The prices of next month are decided already, and those after them are being thought about.
  const draft = await office.mes.createBook({ body: { note: 'Next month: resin is dearer', from: 1 } })
  await office.mes.publishBook({
    params: { version: draft.version },
    ifMatch: draft.revision,
    body: { validFrom: at(30, 0) },
  })
  await office.mes.createBook({ body: { note: 'An idea: larger breaks for quantities', from: 1 } })
  return { fdm: [made['Demo FDM 1']!, made['Demo FDM 2']!] as const }
}
