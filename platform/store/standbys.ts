/**
 * The streaming standbys of one PostgreSQL, watched: how fresh each is, measured each second, and which one may serve a
 * read. One for each PostgreSQL and process. A standby that is away, late or not what it should be serves nothing.
 */
import { StartError } from '../service/refuse.ts'
import { createAsker } from './asker.ts'
import { type Changes, createChanges } from './changes.ts'
import { endOf, freshSince, type Log, type Note, withNote } from './freshness.ts'

/** The oldest that an operation may ask for (`maxStalenessMs`): so long positions of the primary are remembered. */
export const OLDEST_MS = 60_000
const EVERY_MS = 1_000
const LIMIT_MS = 2_000

export interface Standby {
  /** Its host and port. */
  readonly name: string
  /** With the account of DATABASE_READ_URLS. */
  readonly url: string
  /** It has all that was committed so long ago, in milliseconds; infinite while that is not known. */
  readonly ageMs: () => number
  /** Tells that a read failed there; with `away` nothing is read from it until it has answered again. */
  readonly failed: (error: unknown, away: boolean) => void
  /** Called when it is gone or silent: what still waits for it waits in vain. */
  readonly onLost: (lost: () => void) => void
}

export interface Standbys {
  readonly all: readonly Standby[]
  /** In turn one of those that are fresh enough. */
  readonly pick: (maxStalenessMs: number) => Standby | undefined
  readonly changes: Changes
  readonly close: () => Promise<void>
}

export interface StandbysOptions {
  readonly primaryUrl: string
  readonly urls: readonly string[]
  readonly log: { info(message: string): void; warn(message: string): void }
}

/** What makes a server one that may be read from. */
interface Origin {
  /** Of the cluster; its standbys are copies and have the same. */
  readonly cluster: string
  /** After a promotion there is another: what was written on the old one and not sent is not part of it. */
  readonly timeline: number
}
type PrimaryAnswer = Origin & Log
type StandbyAnswer = Origin & { readonly recovering: boolean; readonly replayed: number }

// All of these functions are open to every role. What is inserted counts, not what is written out: commits need not
// wait for the disk.
const PRIMARY = `
  select (pg_current_wal_insert_lsn() - '0/0')::float8 as "insertAt", system_identifier::text as cluster,
    ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int as timeline,
    current_setting('wal_block_size')::float8 as "blockBytes",
    pg_size_bytes(current_setting('wal_segment_size'))::float8 as "segmentBytes"
  from pg_control_system()`
// Which timeline it follows is in its control file after the next checkpoint; its receiver knows at once, but tells it
// only to members of pg_read_all_stats.
const STANDBY = `
  select pg_is_in_recovery() as recovering, (pg_last_wal_replay_lsn() - '0/0')::float8 as replayed,
    system_identifier::text as cluster,
    greatest(c.timeline_id, r.min_recovery_end_timeline, (select received_tli from pg_stat_wal_receiver)) as timeline
  from pg_control_system(), pg_control_checkpoint() c, pg_control_recovery() r`

/**
 * Begins to watch; resolves when each standby was asked once, or did not answer in two seconds. Throws `StartError`
 * when one is there and is none of this primary, or refuses the account: those are slips in the settings.
 */
export async function watchStandbys({ primaryUrl, urls, log }: StandbysOptions): Promise<Standbys> {
  const now = () => performance.now()
  let notes: readonly Note[] = []
  let origin: Origin | undefined
  const primary = createAsker<PrimaryAnswer>(primaryUrl, PRIMARY, LIMIT_MS)
  const askPrimary = async () => {
    const at = now()
    const answer = await primary.ask().catch(() => undefined)
    if (!answer) return
    origin = answer
    const line = `${answer.cluster}/${answer.timeline}`
    notes = withNote(notes, { at, end: endOf(answer), line }, OLDEST_MS)
  }
  const watched = urls.map((url) =>
    watchOne(
      url,
      log,
      () => origin,
      (replayed) => freshSince(notes, replayed),
    ),
  )

  let timer: NodeJS.Timeout | undefined
  let closed = false
  let round = Promise.resolve()
  const again = () => {
    timer = setTimeout(() => {
      round = askPrimary().then(() => {
        if (closed) return
        // Not awaited: one that is silent must not keep the others from being measured.
        for (const { look } of watched) void look()
        again()
      })
    }, EVERY_MS)
  }
  const close = async () => {
    closed = true
    clearTimeout(timer)
    await primary.close()
    await round
    await Promise.all(watched.map((one) => one.close()))
  }

  await askPrimary()
  const troubles = await Promise.all(watched.map(({ look }) => look()))
  const wrong = troubles.flatMap((trouble, index) =>
    trouble?.wrong ? [`${watched[index]!.standby.name} ${trouble.text}`] : [],
  )
  if (wrong.length > 0) {
    await close()
    throw new StartError(`DATABASE_READ_URLS cannot be used: ${wrong.join('; ')}.`)
  }
  again()

  const all = watched.map(({ standby }) => standby)
  let turn = 0
  return {
    all,
    pick: (maxStalenessMs) => {
      for (let step = 0; step < all.length; step++) {
        const standby = all[(turn + step) % all.length]!
        if (standby.ageMs() > maxStalenessMs) continue
        turn = (turn + step + 1) % all.length
        return standby
      }
      return undefined
    },
    changes: createChanges(now),
    close,
  }
}

interface Trouble {
  readonly text: string
  /** The setting is wrong, as far as one can see at start. */
  readonly wrong: boolean
}

interface Watched {
  readonly standby: Standby
  /** Measures it, unless that goes on already. */
  readonly look: () => Promise<Trouble | undefined>
  readonly close: () => Promise<void>
}

function watchOne(
  url: string,
  log: StandbysOptions['log'],
  origin: () => Origin | undefined,
  since: (replayed: number) => number | undefined,
): Watched {
  const name = decodeURIComponent(new URL(url).host)
  const listeners: (() => void)[] = []
  let fresh: number | undefined
  let said: string | undefined
  let looking: Promise<Trouble | undefined> | undefined
  let closed = false
  const lose = () => {
    fresh = undefined
    for (const listener of listeners) listener()
  }
  const asker = createAsker<StandbyAnswer>(url, STANDBY, LIMIT_MS, lose)
  const measure = async (): Promise<Trouble | undefined> => {
    let trouble: Trouble | undefined
    try {
      const answer = await asker.ask()
      trouble = troubleWith(answer, origin())
      fresh = trouble ? undefined : since(answer.replayed)
    } catch (error) {
      if (closed) return undefined
      trouble = troubleOf(error)
      lose()
    }
    if (trouble && said !== trouble.text) log.warn(`The standby ${name} is not read from: it ${trouble.text}`)
    if (!trouble && said !== '') log.info(`The standby ${name} may be read from`)
    said = trouble?.text ?? ''
    return trouble
  }
  return {
    close: async () => {
      closed = true
      await asker.close()
      await looking
    },
    look: () => {
      looking ??= measure().finally(() => {
        looking = undefined
      })
      return looking
    },
    standby: {
      name,
      url,
      ageMs: () => (fresh === undefined ? Number.POSITIVE_INFINITY : performance.now() - fresh),
      failed: (error, away) => {
        const { code, message } = error as { code?: string; message?: string }
        log.warn(`A read failed on the standby ${name}, the primary answers it (${code ?? ''} ${message})`)
        if (away) fresh = undefined
      },
      onLost: (lost) => void listeners.push(lost),
    },
  }
}

/** Exported for its test: a second timeline takes a promotion, another cluster one more PostgreSQL. */
export function troubleWith(
  answer: Origin & { readonly recovering: boolean },
  origin: Origin | undefined,
): Trouble | undefined {
  if (!answer.recovering) return { text: 'is no standby: it takes changes of its own', wrong: true }
  if (!origin) return { text: 'cannot be compared: the primary does not answer', wrong: false }
  if (answer.cluster !== origin.cluster)
    return { text: 'is a standby of another PostgreSQL than the one it is named for', wrong: true }
  if (answer.timeline !== origin.timeline)
    return {
      text: `is on timeline ${answer.timeline}, the primary on ${origin.timeline}: one was promoted`,
      wrong: false,
    }
  return undefined
}

/** Classes 28 and 3D: it does not know the role, the password or the database. */
function troubleOf(error: unknown): Trouble {
  const { code, message } = error as { code?: string; message: string }
  if (/^(28|3D)/.test(code ?? '')) return { text: `refuses the connection (${message})`, wrong: true }
  return { text: `does not answer (${code ?? message})`, wrong: false }
}
