import { execFileSync } from 'node:child_process'
import { defaultBook } from '@pleiad/workshop/price/default-book'
import { describe, expect, it } from 'vitest'
import { lastDays } from './days.ts'
import { firstLine, languages, snippetOf } from './snippets.ts'

describe('days of use', () => {
  it('are thirty until today, with nothing where nothing was called', () => {
    const day = { day: '2026-11-20', calls: 5, failed: 1, quotes: 2, orders: 0 }
    const days = lastDays([day, { ...day, day: '2026-09-01' }], new Date('2026-11-21T23:59:00Z'))
    expect(days).toHaveLength(30)
    expect([days[0]!.day, days.at(-1)!.day]).toEqual(['2026-10-23', '2026-11-21'])
    expect(days.filter(({ calls }) => calls > 0)).toEqual([day])
  })
})

describe('the programs to begin with', () => {
  const facts = { api: 'https://pleiad.example/api/v1/partners', line: firstLine(defaultBook) }

  it('order what the price book has', () => {
    expect(facts.line).toEqual({
      technology: 'fdm',
      material: 'pla',
      color: 'black',
      layerHeightMm: 0.2,
      finish: 'as-made',
      quantity: 1,
    })
  })

  it.each(languages)('in %s are filled with the address and the line, and hold no secret', (language) => {
    const program = snippetOf(language, facts)
    expect(program).toContain(facts.api)
    expect(program).toContain(JSON.stringify(facts.line))
    expect(program).toContain('PLEIAD_KEY')
    expect(program).not.toMatch(/undefined|\[object/)
  })

  it('can be read by bash', () => {
    execFileSync('bash', ['-n'], { input: snippetOf('curl', facts) })
  })
})
