import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { explainFolderError, explainListenError, StartError, tryPort } from './refuse.ts'

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

test('a port that another program has is refused, a free one stays free', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as { port: number }
  await expect(tryPort('127.0.0.1', port)).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use.`)
  await new Promise((resolve) => other.close(resolve))
  await tryPort('127.0.0.1', port)
  await tryPort('127.0.0.1', port)
})

test('what is not known stays as it is', () => {
  const error = coded('EWHAT')
  expect(explainFolderError(error, '/data')).toBe(error)
  expect(explainListenError(error, 'here', 80)).toBe(error)
  expect(explainFolderError(null, '/data')).toBeNull()
})
