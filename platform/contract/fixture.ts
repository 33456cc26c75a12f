/** A small pair of services for the tests of everything that is derived from contracts. */
import { defineService, on } from '../service/service.ts'
import { defineContract, pageOf, pageQuery, Type, Uuid } from './contract.ts'

const Note = Type.Object({
  noteId: Uuid,
  text: Type.String({ maxLength: 200, description: 'What it says' }),
  kind: Type.Enum(['plain', 'urgent'], { description: 'How it is shown' }),
  version: Type.Integer({ description: 'Grows with every change' }),
})

export const notes = defineContract({
  name: 'notes',
  version: '1.2.0',
  summary: 'Short notes <for> people & tests.',
  permissions: { 'notes:moderate': 'Remove anybody’s note' },
  errors: {
    noteFrozen: { status: 409, title: 'The note is frozen.', description: 'Ask a moderator to thaw it.' },
  },
  operations: {
    listNotes: {
      method: 'GET',
      path: '/notes',
      summary: 'All notes',
      access: 'public',
      query: Type.Object(pageQuery),
      returns: pageOf(Note),
    },
    writeNote: {
      method: 'POST',
      path: '/notes',
      summary: 'Write a note',
      access: 'user',
      body: Type.Object({ text: Type.String({ minLength: 1, maxLength: 200, description: 'What it says' }) }),
      status: 201,
      returns: Note,
      idempotent: true,
      example: { body: { text: "It's Tuesday" } },
    },
    changeNote: {
      method: 'PATCH',
      path: '/notes/:noteId',
      summary: 'Change a note',
      description: 'Only its writer may.',
      access: 'user',
      params: Type.Object({ noteId: Uuid }),
      body: Type.Object({ text: Type.String({ description: 'The new text' }) }),
      returns: Note,
      etag: 'version',
      ifMatch: true,
      errors: ['noteFrozen'],
    },
    removeNote: {
      method: 'DELETE',
      path: '/notes/:noteId',
      summary: 'Remove a note',
      access: { permission: 'notes:moderate' },
      rate: 'heavy',
      params: Type.Object({ noteId: Uuid }),
    },
  },
  events: {
    'note.written': {
      version: 2,
      description: 'A note was written.',
      data: Type.Object({ noteId: Uuid, text: Type.String() }),
      key: 'noteId',
      example: { noteId: '01938a5e-7c00-7000-8000-000000000001', text: 'Hello' },
    },
  },
  topics: {
    'notes.changed': {
      description: 'Something in the list changed.',
      data: Type.Object({ count: Type.Integer() }),
    },
  },
})

export const counters = defineContract({
  name: 'counters',
  version: '1.0.0',
  summary: 'Counts notes.',
  operations: {},
})

export const notesService = defineService<typeof notes, never, void>({
  contract: notes,
  url: import.meta.url,
  routes: () => ({
    listNotes: async () => ({ items: [] }),
    writeNote: async ({ body }) => ({
      noteId: '01938a5e-7c00-7000-8000-000000000001',
      text: body.text,
      kind: 'plain' as const,
      version: 1,
    }),
    changeNote: async ({ fail }) => fail('noteFrozen'),
    removeNote: async () => {},
  }),
})

export const countersService = defineService<typeof counters, never, void>({
  contract: counters,
  url: import.meta.url,
  routes: () => ({}),
  handlers: { countNote: on(notes, 'note.written', async () => {}) },
  jobs: { tidy: { description: 'Forgets | old counts', schedule: '0 3 * * *', run: async () => {} } },
})
