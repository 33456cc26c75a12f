import { expect, test } from 'vitest'
import { explainFolderError, explainListenError, StartError } from './refuse.ts'

const coded = (code: string) => Object.assign(new Error(code), { code })

test.each(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'])(
  'a folder that meets %s is explained in one line',
  (code) => {
    const explained = explainFolderError(coded(code), '/data') as StartError
    expect(explained).toBeInstanceOf(StartError)
    expect(explained.message).toMatch(/^[^\n]*\/data[^\n]*\.$/)
  },
)

test.each([
  ['EADDRINUSE', 'Port 80 of here is in use.'],
  ['EACCES', 'Port 80 may not be used'],
  ['EADDRNOTAVAIL', 'here is not an address'],
  ['ENOTFOUND', 'here is not a known address'],
])('listening that meets %s is explained in one line', (code, line) => {
  const explained = explainListenError(coded(code), 'here', 80) as StartError
  expect(explained).toBeInstanceOf(StartError)
  expect(explained.message).toContain(line)
})

test('what is not known stays as it is', () => {
  const error = coded('EWHAT')
  expect(explainFolderError(error, '/data')).toBe(error)
  expect(explainListenError(error, 'here', 80)).toBe(error)
  expect(explainFolderError(null, '/data')).toBeNull()
})
