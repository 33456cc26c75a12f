/** English: the words of the whole app, by area. Its keys are the type that every `t` call is checked against. */
import account from './account.ts'
import admin from './admin.ts'
import errors from './errors.ts'
import services from './services.ts'
import shell from './shell.ts'
import sign from './sign.ts'

export default { ...services, ...shell, ...sign, ...account, ...admin, ...errors }
