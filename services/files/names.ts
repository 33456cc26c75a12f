/** Names of files: what people see and what a download is saved as. They never become a path of ours. */

export const MAX_NAME = 255

export type NameTrouble = 'empty' | 'length' | 'path' | 'control' | 'direction'

const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]/u
/** Marks that turn the direction of writing: `gpj.exe` can be made to read `exe.jpg` with them. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** The name as it is kept, or what is wrong with it. */
export function checkName(
  given: string,
): { readonly name: string; readonly trouble?: undefined } | { readonly trouble: NameTrouble } {
  const name = given.normalize('NFC').trim()
  if (CONTROL.test(given)) return { trouble: 'control' }
  if (DIRECTION.test(name)) return { trouble: 'direction' }
  if (name === '') return { trouble: 'empty' }
  if ([...name].length > MAX_NAME) return { trouble: 'length' }
  if (/[/\\]/.test(name) || name === '.' || name === '..') return { trouble: 'path' }
  return { name }
}

/** The value of `Content-Disposition` (RFC 6266): the name in ASCII for old clients, and as it is. */
export function dispositionOf(name: string, inline: boolean): string {
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_')
  const whole = encodeURIComponent(name).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${inline ? 'inline' : 'attachment'}; filename="${ascii}"; filename*=UTF-8''${whole}`
}
