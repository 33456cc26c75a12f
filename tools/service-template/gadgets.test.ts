import { expect, test } from 'vitest'
import { createGadget, updateGadget, viewGadget } from './gadgets.ts'

const monday = new Date('2026-01-05T09:00:00Z')
const tuesday = new Date('2026-01-06T09:00:00Z')

test('createGadget starts at version 1, with a tidy name', () => {
  expect(createGadget('g', 'o', ' First ', monday)).toMatchObject({
    name: 'First',
    version: 1,
    updatedAt: monday,
  })
})

test('updateGadget grows the version', () => {
  const gadget = createGadget('g', 'o', 'First', monday)
  expect(updateGadget(gadget, { name: 'Second' }, '1', tuesday)).toEqual({
    ...gadget,
    name: 'Second',
    version: 2,
    updatedAt: tuesday,
  })
})

test('updateGadget refuses a version that is not current', () => {
  const gadget = createGadget('g', 'o', 'First', monday)
  expect(updateGadget(gadget, { name: 'Second' }, '7', tuesday)).toBeUndefined()
})

test('viewGadget does not tell the owner’s id', () => {
  expect(viewGadget(createGadget('g', 'o', 'First', monday))).not.toHaveProperty('ownerId')
})
