/** Русский: те же ключи, что в en; формы множественного числа — свои. */
import account from './account.ts'
import admin from './admin.ts'
import errors from './errors.ts'
import shell from './shell.ts'
import sign from './sign.ts'

export default { ...shell, ...sign, ...account, ...admin, ...errors }
