/** Named points at which the crash tests kill this process. Without `PLEIAD_FAULT` they do nothing. */

export type FaultPoint =
  | 'relay.claimed'
  | 'relay.published'
  | 'relay.moved'
  | 'relay.committed'
  | 'inbox.received'
  | 'dispatch.claimed'
  | 'dispatch.handled'
  | 'dispatch.marked'
  | 'dispatch.committed'
  | 'dispatch.failed'
  | 'files.received'
  | 'files.sealed'
  | 'files.put'
  | 'editor.read'
  | 'editor.stored'

const [name, passes] = (process.env.PLEIAD_FAULT ?? '').split(':')
let left = Number(passes ?? 1)

/** `PLEIAD_FAULT=relay.published:3` kills the process, as `kill -9` does, the third time it passes that point. */
export function faultPoint(point: FaultPoint): void {
  if (point === name && --left === 0) process.kill(process.pid, 'SIGKILL')
}
