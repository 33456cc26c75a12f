import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accentOf, contrast, readableOn } from './accent.ts'

const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)

describe('contrast', () => {
  it('is that of the specification', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
    expect(contrast('#336699', '#336699')).toBe(1)
  })
})

describe('a project’s colour', () => {
  it('stays as it is where it can be read', () => {
    expect(accentOf('#4263eb', false)).toMatchObject({
      button: '#4263eb',
      onButton: '#ffffff',
      link: '#4263eb',
    })
    expect(accentOf('#FFD43B', false)).toMatchObject({ button: '#ffd43b', onButton: '#14151f' })
  })

  it('can be read on its button, under the pointer and as a link, whatever it is', () => {
    fc.assert(
      fc.property(hex, fc.boolean(), (color, dark) => {
        const { button, onButton, hover, link } = accentOf(color, dark)
        expect(contrast(button, onButton)).toBeGreaterThanOrEqual(4.5)
        expect(contrast(hover, onButton)).toBeGreaterThanOrEqual(4)
        expect(contrast(link, dark ? '#171824' : '#ffffff')).toBeGreaterThanOrEqual(4.5)
      }),
    )
  })

  it('ends at black or white when nothing between them will do', () => {
    expect(readableOn('#ffffff', '#ffffff')).not.toBe('#ffffff')
  })
})
