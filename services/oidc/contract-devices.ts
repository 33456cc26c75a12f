/** Pages beside the sign-in: entering a device’s code, setting a password with a mailed link. */
import { type Operation, Type } from '@pleiad/platform/contract'
import { bodyOf, exampleIds, Handle, Password } from './contract-schemas.ts'
import { Brand, ScopeLine } from './contract-signin.ts'

export const deviceOperations = {
  getDevice: {
    method: 'GET',
    path: '/oidc/:handle/device/details',
    root: true,
    summary: 'What the page for entering a device’s code shows',
    description:
      'The page stands at `/oidc/<issuer>/device`, with `?user_code=` if the device made the link.',
    access: 'public',
    params: Type.Object({ handle: Handle }),
    returns: Type.Object({ brand: Brand }),
    errors: ['issuerUnknown'],
    example: { params: { handle: exampleIds.handle } },
  },
  checkDeviceCode: {
    method: 'POST',
    path: '/oidc/:handle/device/check',
    root: true,
    summary: 'What a device’s code is for',
    description:
      'To go on, send `form` as an HTML form (a real navigation): the person signs in and comes back to `/oidc/<issuer>/device/done`.',
    access: 'public',
    rate: 'auth',
    params: Type.Object({ handle: Handle }),
    body: bodyOf({
      userCode: Type.String({ minLength: 4, maxLength: 20, description: 'As the person typed it' }),
    }),
    returns: Type.Object({
      appName: Type.String({ description: 'The app on the device' }),
      userCode: Type.String({ description: 'The code as the device shows it' }),
      requestedFrom: Type.String({ description: 'Address of the device' }),
      scopes: Type.Array(ScopeLine, { description: 'What it asks for' }),
      form: Type.Object(
        {
          action: Type.String({ description: 'Where to POST' }),
          fields: Type.Record(Type.String(), Type.String(), { description: 'Hidden fields' }),
        },
        { description: 'Add the field abort=yes to refuse' },
      ),
    }),
    errors: ['issuerUnknown', 'deviceCodeRefused', 'tryLater'],
    example: { params: { handle: exampleIds.handle }, body: { userCode: 'BCDF-GHJK' } },
  },
  setPasswordWithLink: {
    method: 'POST',
    path: '/oidc/:handle/set-password/finish',
    root: true,
    summary: 'Set a password with the token of a mailed link',
    description: 'The page stands at `/oidc/<issuer>/set-password#token=`. Ends all sessions of the person.',
    access: 'public',
    rate: 'auth',
    params: Type.Object({ handle: Handle }),
    body: bodyOf({
      token: Type.String({ minLength: 20, maxLength: 200, description: 'What stands behind #token=' }),
      password: Password,
    }),
    returns: Type.Object({ brand: Brand }),
    errors: ['issuerUnknown', 'linkInvalid', 'passwordTooWeak', 'tryLater'],
    example: {
      params: { handle: exampleIds.handle },
      body: { token: 'c3pP0v2b8m1Qw9r5tYzAaBbCcDdEe', password: 'correct horse battery' },
    },
  },
} as const satisfies Record<string, Operation>
