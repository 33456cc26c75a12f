/** Everything that can go wrong between a person, a provider and this installation. */

/** Code → what happened and what to do. The web app translates by code; logs, health and tests show the words. */
export const problems = {
  flowUnknown: 'This sign-in is not known here. Begin again from the app.',
  flowExpired: 'This took too long. Begin again from the app.',
  flowUsed: 'This sign-in was finished before. If you went back, go forward again or begin anew.',
  wrongBrowser:
    'This was begun in another browser, or cookies are blocked. Begin again and stay in one browser.',
  connectLinkUsed: 'This link was opened before. Ask the app for a new one.',
  connectLinkExpired: 'This link is too old. Ask the app for a new one.',
  providerDisabled:
    'This provider is switched off for the app. Choose another way, or ask those who run the app.',
  projectArchived: 'The app is archived and signs nobody in.',
  denied: 'The consent was refused or the window was closed at the provider. Nothing was changed.',
  providerRefused: 'The provider refused the request. Its client settings, scopes or parameters may not fit.',
  redirectUriRefused:
    'The provider does not know the redirect URI. Register it there exactly as it is shown here.',
  secretWrong: 'The provider does not accept the client id or the secret. Copy them again from its console.',
  secretUnusable: 'The secret cannot be used: it is not of the form that the provider needs.',
  codeRefused: 'The provider refused the code it had just given. Begin again.',
  refreshRefused: 'The provider refused the refresh token. The person must connect again.',
  discoveryMissing: 'There is no OpenID configuration at the issuer’s address. Check the issuer.',
  issuerDiffers:
    'The provider calls itself by another issuer than the one configured. Copy the issuer exactly as the provider names it.',
  metadataIncomplete: 'The provider’s metadata lacks an endpoint that is needed.',
  addressBlocked:
    'The provider’s address lies in a network that this installation does not reach out to. An administrator can allow it.',
  addressWrong: 'An address of the provider is not one that can be asked.',
  dnsFailed: 'The provider’s name cannot be resolved. Check the address.',
  connectFailed: 'Nothing answers at the provider’s address. Check it, or wait until the provider is back.',
  certificateExpired: 'The provider’s certificate has expired.',
  certificateInvalid: 'The provider’s certificate is not trusted or belongs to another name.',
  timeout: 'The provider was too slow. Try again in a moment.',
  answeredHtml: 'The provider answered with a web page instead of data. The address may be that of a page.',
  answerTooLarge: 'The provider’s answer is far too large.',
  answerNotRight: 'The provider’s answer makes no sense.',
  providerFailed: 'The provider reports an error of its own. Try again in a moment.',
  rateLimited: 'The provider asks to slow down. Try again later.',
  redirected: 'The provider redirects where it should answer. Check the address.',
  mixUp: 'The answer came from another provider than the one that was asked. Begin again.',
  idTokenInvalid: 'The provider’s ID token is not valid for this app.',
  nonceMismatch: 'The provider’s ID token belongs to another sign-in. Begin again.',
  signatureInvalid: 'The signed data is not genuine, or the bot token is not that of this bot.',
  signedDataOld: 'The signed data is too old. Begin again.',
  profileNotRight: 'The provider’s profile of the person lacks what is needed, or the account is not let in.',
  ticketUnknown: 'The sign-in could not be finished. Begin again.',
  internal: 'Something went wrong on our side. Try again in a moment.',
} as const
export type ProblemCode = keyof typeof problems
