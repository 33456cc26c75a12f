/** Русский: те же ключи, что в en; формы множественного числа — свои. */
import account from './account.ts'
import admin from './admin.ts'
import errors from './errors.ts'
import services from './services.ts'
import shell from './shell.ts'
import sign from './sign.ts'

export default { ...services, ...shell, ...sign, ...account, ...admin, ...errors }
