/**
 * `npm run demo -- <link>` fills a running installation with a believable workshop, through its API alone: people of
 * every role, machines, shifts, prices, models made of formulas, orders in every state, a partner. `<link>` is what the
 * first start prints for the first administrator. Where there is one already: `npm run demo -- <address> <e-mail>`, with
 * the password in DEMO_PASSWORD. It fills an installation once, and refuses to do so again.
 */
import { furnish } from './demo/floor.ts'
import { order } from './demo/orders.ts'
import { usePartner } from './demo/partner.ts'
import { claim, gather, isFilled, PASSWORD, type Person, sendTo, signIn, signInList } from './demo/people.ts'

const usage = [
  'Start the installation with `npm start`, then:',
  '  npm run demo -- <the link that the first start printed>',
  'or, where there is an administrator:',
  '  DEMO_PASSWORD=<password> npm run demo -- http://localhost:8080 <e-mail of the administrator>',
].join('\n')

/** Ends with one sentence that says what to do. */
function refuse(words: string): never {
  console.error(words)
  process.exit(1)
}

async function enter(): Promise<Person> {
  const [address, email] = process.argv.slice(2)
  if (!address || !URL.canParse(address)) return refuse(usage)
  const { origin, searchParams } = new URL(address)
  const send = sendTo(origin)
  const there = await fetch(`${origin}/health/ready`).catch(() => undefined)
  if (!there?.ok) return refuse(`Nothing is ready at ${origin}.\n${usage}`)
  const code = searchParams.get('code')
  const password = process.env['DEMO_PASSWORD']
  const entering = code ? claim(send, code) : email && password ? signIn(send, email, password) : undefined
  if (!entering) return refuse(usage)
  return entering.catch((error: Error) => refuse(`This does not sign an administrator in: ${error.message}`))
}

const administrator = await enter()
if (await isFilled(administrator))
  refuse(
    'There is a demo in this installation already. For another one start with an empty data folder (PLEIAD_DATA).',
  )
try {
  console.log('People …')
  const people = await gather(administrator)
  console.log('The workshop …')
  const floor = await furnish(people)
  console.log('Orders …')
  await order({ people, floor }, console.log)
  console.log('A partner …')
  const secret = await usePartner(people)
  console.log(`\nThe workshop is full. Sign in with the password “${PASSWORD}” as:`)
  for (const line of signInList(administrator.email)) console.log(line)
  console.log(`The key of the partner’s programs (production): ${secret}`)
} catch (error) {
  console.error('The demo is half done: start again with an empty data folder.', error)
  process.exit(1)
}
