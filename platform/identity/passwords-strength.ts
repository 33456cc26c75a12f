/** Which new passwords are refused (NIST SP 800-63B, 5.1.1.2: length and what attackers try first, no composition rules). */

export type Weakness = 'tooShort' | 'tooCommon' | 'tooSimple' | 'containsYourName'

const MIN_LENGTH = 10

// The heads of leaked lists that reach the length; digits, signs and case around them do not help.
const COMMON = [
  'password',
  'passw0rd',
  'p@ssword',
  'p@ssw0rd',
  'qwerty',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'azerty',
  'qazwsx',
  '1q2w3e4r',
  '1q2w3e4r5t',
  '1qaz2wsx',
  '1qaz2wsx3edc',
  'q1w2e3r4t5',
  'iloveyou',
  'letmein',
  'welcome',
  'administrator',
  'admin',
  'princess',
  'football',
  'baseball',
  'superman',
  'batman',
  'starwars',
  'sunshine',
  'dragon',
  'monkey',
  'trustno1',
  'changeme',
  'internet',
  'computer',
  'whatever',
  'abcdefghij',
  'abc123',
  'secret',
  'master',
  'michael',
  'jordan',
  'liverpool',
  'chelsea',
  'pokemon',
  'йцукенгшщз',
  'йцукен',
  'пароль',
  'привет',
  'любовь',
  'natasha',
  'marina',
  'pleiad',
]

/** Sequences that count as one character however long they run. */
const RUNS = [
  '01234567890123456789',
  '98765432109876543210',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'йцукенгшщзхъ',
  'фывапролджэ',
  'ячсмитьбю',
]

/** Both spellings of one character are one password. */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC')
}

/** Why a new password is refused, or `undefined` if it is not. `about` is what others know of the person. */
export function weaknessOf(password: string, about: readonly string[] = []): Weakness | undefined {
  const plain = normalizePassword(password).toLowerCase()
  if ([...plain].length < MIN_LENGTH) return 'tooShort'
  if (new Set(plain).size < 5 || RUNS.some((run) => isRun(plain, run))) return 'tooSimple'
  const core = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  if (COMMON.some((word) => core === word || plain === word || isRepeated(core, word))) return 'tooCommon'
  const names = about.flatMap((part) => [part, part.split('@')[0]!]).map((part) => part.toLowerCase().trim())
  if (names.some((name) => name.length >= 4 && plain.includes(name) && plain.length - name.length < 6))
    return 'containsYourName'
  return undefined
}

function isRun(text: string, run: string): boolean {
  const backwards = [...run].reverse().join('')
  return [run, backwards].some(
    (sequence) =>
      sequence.includes(text) ||
      (text.length >= sequence.length && text.includes(sequence) && text.length - sequence.length < 4),
  )
}

function isRepeated(text: string, word: string): boolean {
  return text.length > word.length && text.replaceAll(word, '').length === 0
}
