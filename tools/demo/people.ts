/** The people of the demo: roles made, accounts imported, everybody signed in. */
import { argon2Sync, randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient, ProblemError } from '../../platform/contract/client.ts'
import { auth } from '../../services/auth/contract.ts'
import { crm } from '../../services/crm/contract.ts'
import { editor } from '../../services/editor/contract.ts'
import { files } from '../../services/files/contract.ts'
import { mes } from '../../services/mes/contract.ts'
import { operators } from '../../services/operators/contract.ts'
import { partners } from '../../services/partners/contract.ts'
import { projects } from '../../services/projects/contract.ts'
import { shop } from '../../services/shop/contract.ts'

export const PASSWORD = 'demo workshop 2026'
const GIVE_UP_MS = 120_000

/** Asks until the answer is there; what throws counts as no answer yet. Rejects with the last error. */
export async function until<T>(what: string, ask: () => Promise<T | false | undefined>): Promise<T> {
  const end = Date.now() + GIVE_UP_MS
  let cause: unknown
  while (Date.now() < end) {
    try {
      const answer = await ask()
      if (answer) return answer
    } catch (error) {
      cause = error
    }
    await pause(200)
  }
  throw new Error(`It did not come about in time: ${what}`, { cause })
}

/** Sends requests to the installation, no faster than it wants them. */
export function sendTo(url: string) {
  return async (path: string, init: RequestInit): Promise<Response> => {
    for (;;) {
      const answer = await fetch(url + path, init)
      if (answer.status !== 429) return answer
      await pause(1000 * Number(answer.headers.get('retry-after') ?? 1))
    }
  }
}
export type Send = ReturnType<typeof sendTo>

export type Person = ReturnType<typeof personWith>
function personWith(send: Send, signedIn: { userId: string; accessToken: string }, email: string) {
  const reach = { fetch: send, headers: () => ({ authorization: `Bearer ${signedIn.accessToken}` }) }
  return {
    id: signedIn.userId,
    email,
    send,
    auth: createClient(auth, reach),
    crm: createClient(crm, reach),
    editor: createClient(editor, reach),
    files: createClient(files, reach),
    mes: createClient(mes, reach),
    operators: createClient(operators, reach),
    partners: createClient(partners, reach),
    projects: createClient(projects, reach),
    shop: createClient(shop, reach),
  }
}

export async function signIn(send: Send, email: string, password: string): Promise<Person> {
  const answer = await createClient(auth, { fetch: send }).login({ body: { email, password } })
  if (answer.status !== 'signedIn' || !answer.accessToken)
    throw new Error(`${email} has a second factor: use an administrator without one.`)
  return personWith(send, { userId: answer.userId, accessToken: answer.accessToken }, email)
}

/** Becomes the first administrator with the code of the link that the first start printed. */
export async function claim(send: Send, setupCode: string): Promise<Person> {
  const email = addressOf('Demo Administrator')
  const answer = await createClient(auth, { fetch: send }).register({
    body: {
      ...{ email, username: 'demo-administrator', displayName: 'Demo Administrator' },
      ...{ password: PASSWORD, setupCode },
    },
  })
  if (answer.status !== 'signedIn' || !answer.accessToken) throw new Error('The link does not sign one in.')
  // A new session has the permissions that it brought.
  return signIn(send, email, PASSWORD)
}

const usernameOf = (name: string) => name.toLowerCase().replaceAll(' ', '-')
const addressOf = (name: string) => `${usernameOf(name)}@example.com`

const roles = {
  'demo-office': {
    description: 'Confirms orders, knows customers and prices',
    permissions: [
      'orders:confirm',
      'customers:read',
      'customers:manage',
      'orders:manage',
      'models:read',
    ].concat(['prices:manage', 'shop:manage']),
  },
  'demo-operator': { description: 'Makes, packs and ships', permissions: ['production:work', 'models:read'] },
  'demo-senior': {
    description: 'Assigns work as well',
    permissions: ['production:work', 'production:assign', 'models:read'],
  },
  'demo-head': {
    description: 'Head of production',
    permissions: ['production:work', 'production:assign', 'production:configure', 'models:read'],
  },
} as const

const everybody: readonly { name: string; role?: keyof typeof roles; locale?: 'ru' }[] = [
  { name: 'Demo Office', role: 'demo-office' },
  { name: 'Demo Head', role: 'demo-head' },
  { name: 'Demo Senior', role: 'demo-senior' },
  { name: 'Demo Operator 1', role: 'demo-operator' },
  { name: 'Demo Operator 2', role: 'demo-operator' },
  { name: 'Demo Operator 3', role: 'demo-operator' },
  { name: 'Demo Customer 1' },
  { name: 'Demo Customer 2' },
  { name: 'Demo Customer 3', locale: 'ru' },
  { name: 'Demo Customer 4' },
  { name: 'Demo Partner' },
]

export type People = Awaited<ReturnType<typeof gather>>

/** Whether a demo was begun here before. */
export async function isFilled(administrator: Person): Promise<boolean> {
  const { items } = await administrator.auth.listAccounts({ query: { email: addressOf('Demo Office') } })
  return items.length > 0
}

/** Makes the roles and accounts, and signs everybody in. */
export async function gather(administrator: Person) {
  const { send } = administrator
  for (const [name, role] of Object.entries(roles))
    await administrator.auth
      .createRole({ body: { name, description: role.description, permissions: [...role.permissions] } })
      .catch((error) => {
        if (!(error instanceof ProblemError) || error.code !== 'roleExists') throw error
      })
  // One hash for all: they share the password that is printed.
  const salt = randomBytes(16)
  const [memory, passes, tagLength] = [19_456, 2, 32]
  const about = { message: PASSWORD, nonce: salt, parallelism: 1, memory, passes, tagLength }
  const plain = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  const hash = plain(argon2Sync('argon2id', about))
  const passwordHash = `$argon2id$v=19$m=${memory},t=${passes},p=1$${plain(salt)}$${hash}`
  const people = new Map<string, Person>()
  for (const { name, role, locale } of everybody) {
    const body = { email: addressOf(name), username: usernameOf(name), displayName: name, passwordHash }
    const { userId } = await administrator.auth.importAccount({
      body: { ...body, ...(locale ? { locale } : {}) },
    })
    if (role) await administrator.auth.assignRoles({ params: { userId }, body: { roles: [role] } })
    people.set(name, await signIn(send, addressOf(name), PASSWORD))
  }
  const who = (name: string) => people.get(name)!
  return {
    administrator,
    office: who('Demo Office'),
    head: who('Demo Head'),
    senior: who('Demo Senior'),
    makers: [1, 2, 3].map((n) => who(`Demo Operator ${n}`)),
    customers: [1, 2, 3, 4].map((n) => who(`Demo Customer ${n}`)),
    partner: who('Demo Partner'),
  }
}

/** Who signs in how, to be read. */
export function signInList(administrator: string): string[] {
  return [
    `  ${administrator}${administrator === addressOf('Demo Administrator') ? '' : ' (with its own password)'}: everything`,
    ...everybody.map(
      ({ name, role }) => `  ${addressOf(name)}: ${role ? roles[role].description : 'a customer'}`,
    ),
  ].map((line) =>
    line.replace('demo-partner@example.com: a customer', 'demo-partner@example.com: a partner’s project'),
  )
}
