/**
 * How fresh a standby is, from positions in the write-ahead log. Clocks and timestamps say nothing of it: the last
 * replayed commit is old when nobody commits, and a standby that is cut off has replayed all that it has received.
 */

/** Where the primary's log ended, and the monotonic time before it was asked. */
export interface Note {
  readonly at: number
  readonly end: number
  /** Cluster and timeline: positions of two cannot be compared. */
  readonly line: string
}

/** What the primary says of its log; positions are bytes, exact as numbers up to 9 petabytes. */
export interface Log {
  readonly insertAt: number
  readonly blockBytes: number
  readonly segmentBytes: number
}

/**
 * The end of the last record. At the start of a page the position to insert at is behind the page's header, which no
 * standby has replayed: an idle primary would look ahead of its standbys for ever.
 */
export function endOf({ insertAt, blockBytes, segmentBytes }: Log): number {
  if (insertAt % segmentBytes === 40) return insertAt - 40
  return insertAt % blockBytes === 24 ? insertAt - 24 : insertAt
}

/** The notes with a new one, without those of another line and those that are older than anybody asks for. */
export function withNote(notes: readonly Note[], note: Note, keepMs: number): readonly Note[] {
  return [...notes.filter(({ at, line }) => line === note.line && note.at - at <= keepMs), note]
}

/** The monotonic time up to which a standby has all that was committed; undefined when that is longer ago than noted. */
export function freshSince(notes: readonly Note[], replayed: number): number | undefined {
  return notes.findLast(({ end }) => end <= replayed)?.at
}
