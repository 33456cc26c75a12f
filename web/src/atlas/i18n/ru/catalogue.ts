/**
 * What the catalogue of oauth and its refusals say, in Russian. Labels that a provider gives its own things are not
 * here: people look for them in the provider's console. A test compares this with the service.
 */
export const catalogueWords: Readonly<Record<string, string>> = {
  // Notes.
  'The client secret is a JWT that is signed with the private key for each request.':
    'Секрет клиента — это JWT, который для каждого запроса подписывается закрытым ключом.',
  'The answer comes as a form post, and the person’s name only with the first sign-in.':
    'Ответ приходит отправкой формы, а имя человека — только при первом входе.',
  'People may hide their address behind one of privaterelay.appleid.com.':
    'Люди могут скрыть адрес за адресом в privaterelay.appleid.com.',
  'Apple takes redirect URIs with https and a public name only.':
    'Apple принимает только адреса возврата с https и публичным именем.',
  'Access tokens live 7 days; each refresh replaces the refresh token.':
    'Токены доступа живут 7 дней; каждое обновление меняет и токен обновления.',
  'Consent is asked for once: with prompt=none people who have agreed before are not asked again.':
    'Согласие спрашивают один раз: с prompt=none тех, кто уже согласился, не спросят снова.',
  'There are no refresh tokens: the short-lived token is exchanged for one of about 60 days, after which the person connects again.':
    'Токенов обновления нет: короткий токен обменивается на токен примерно на 60 дней, потом человек подключается заново.',
  'People may withhold their address. Facebook does not say whether it is verified, so it counts as not verified.':
    'Люди могут не давать адрес. Facebook не говорит, подтверждён ли он, поэтому он считается неподтверждённым.',
  'Tokens of OAuth apps do not expire; those of GitHub Apps live 8 hours and come with a refresh token that is replaced by each refresh.':
    'Токены OAuth apps не истекают; токены GitHub Apps живут 8 часов и приходят с токеном обновления, который меняется при каждом обновлении.',
  'The profile hides the address of many people: it is read from the list of addresses, which needs user:email.':
    'В профиле многих людей адрес скрыт: он берётся из списка адресов, для этого нужна область user:email.',
  'Access tokens live 2 hours; each refresh replaces the refresh token.':
    'Токены доступа живут 2 часа; каждое обновление меняет и токен обновления.',
  'A refresh token comes with the first consent only, so connect sessions ask for consent each time.':
    'Токен обновления приходит только с первым согласием, поэтому сеансы подключения спрашивают согласие каждый раз.',
  'While the consent screen is in testing, refresh tokens end after 7 days.':
    'Пока экран согласия в режиме проверки, токены обновления действуют 7 дней.',
  'With the parameter hd only accounts of that Workspace domain are let in; the domain is checked in the answer.':
    'С параметром hd пускают только учётные записи этого домена Workspace; домен проверяется в ответе.',
  'The app needs the product “Sign In with LinkedIn using OpenID Connect”.':
    'Приложению нужен продукт “Sign In with LinkedIn using OpenID Connect”.',
  'Access tokens live 60 days. Refresh tokens are given to approved partners only; others connect again.':
    'Токены доступа живут 60 дней. Токены обновления дают только одобренным партнёрам; остальные подключаются заново.',
  'LinkedIn refuses PKCE for apps with a secret, so it is not used.':
    'LinkedIn не принимает PKCE от приложений с секретом, поэтому он не используется.',
  'The issuer names the tenant of the person; it is checked against the tenant configured here.':
    'Издатель называет каталог человека; он сверяется с указанным здесь.',
  'Addresses count as verified only where the token says so (xms_edov): in Entra anybody can write anything there.':
    'Адрес считается подтверждённым, только если так сказано в токене (xms_edov): в Entra там можно написать что угодно.',
  'A refresh token needs the scope offline_access. It is replaced by each refresh; the former one stays good.':
    'Для токена обновления нужна область offline_access. Каждое обновление его меняет; прежний продолжает действовать.',
  'Fields of the profile may lie deeper: user.profile.email.':
    'Поля профиля могут лежать глубже: user.profile.email.',
  'Endpoints and keys come from discovery and are looked up again every hour.':
    'Адреса и ключи берутся из описания провайдера и перечитываются каждый час.',
  'Many providers give a refresh token only with the scope offline_access.':
    'Многие провайдеры дают токен обновления только с областью offline_access.',
  'The scopes are user scopes: the tokens act for the person, not for a bot.':
    'Области доступа — пользовательские: токены действуют от имени человека, а не бота.',
  'Tokens do not expire unless token rotation is on in the app; then they live 12 hours and each refresh replaces the refresh token.':
    'Токены не истекают, пока в приложении не включена их смена; тогда они живут 12 часов, и каждое обновление меняет токен обновления.',
  'People of different workspaces are different accounts.':
    'Люди из разных рабочих пространств — разные учётные записи.',
  'Access tokens live one hour. A refresh mostly answers without a refresh token: the one that is there stays.':
    'Токены доступа живут час. Обновление обычно не даёт нового токена обновления: остаётся прежний.',
  'Spotify does not verify addresses, and tokens cannot be revoked by an app: people do that in their account.':
    'Spotify не подтверждает адреса, а отозвать токены приложение не может: это делают сами люди в своей учётной записи.',
  'People may untick scopes; only the redirect says which they left, and that is what the connection shows.':
    'Люди могут снять отметки с областей доступа; что осталось, видно лишь по возврату, это и показывает подключение.',
  'Access tokens live 6 hours; a refresh may replace the refresh token, and the former one is over at once.':
    'Токены доступа живут 6 часов; обновление может сменить токен обновления, и прежний сразу перестаёт действовать.',
  'Strava gives no e-mail address.': 'Strava не сообщает адрес почты.',
  'Set the domain of this installation with /setdomain at @BotFather; there is no redirect URI to register.':
    'Задайте домен этой установки командой /setdomain у @BotFather; адрес возврата регистрировать не нужно.',
  'It signs people in and gives no tokens and no e-mail address.':
    'Только впускает людей; токенов и адреса почты не даёт.',
  'The signature is checked with the bot token; data older than five minutes is refused.':
    'Подпись проверяется токеном бота; данные старше пяти минут не принимаются.',
  'Access tokens live about 4 hours. A refresh may replace the refresh token.':
    'Токены доступа живут около 4 часов. Обновление может сменить токен обновления.',
  'An address is only given when it is verified.': 'Адрес сообщается, только если он подтверждён.',
  'The browser comes back with a device_id, which every token request must repeat; it is kept with the tokens.':
    'Браузер возвращается с device_id, который надо повторять в каждом запросе токена; он хранится вместе с токенами.',
  'Access tokens live one hour; each refresh replaces the refresh token.':
    'Токены доступа живут час; каждое обновление меняет и токен обновления.',
  'VK does not say whether an address is verified, so it counts as not verified.':
    'VK не говорит, подтверждён ли адрес, поэтому он считается неподтверждённым.',
  'Each refresh replaces the refresh token; the access token may stay the same while it has long to live.':
    'Каждое обновление меняет токен обновления; токен доступа может остаться прежним, пока ему ещё долго жить.',
  'An address counts as verified when its mailbox is at Yandex.':
    'Адрес считается подтверждённым, если ящик на Яндексе.',
  // Hints.
  'Ten characters, in the membership details': 'Десять знаков, в сведениях об участии',
  'Ten characters, beside the key': 'Десять знаков, рядом с ключом',
  'Leave it out for gitlab.com': 'Для gitlab.com оставьте пустым',
  'common: everybody; organizations: work and school; consumers: personal accounts; or the tenant’s id':
    'common: все; organizations: работа и учёба; consumers: личные учётные записи; или идентификатор каталога',
  'Answers JSON to a bearer token': 'Отвечает JSON на bearer-токен',
  'Checked when the redirect has iss': 'Сверяется, если в возврате есть iss',
  'Without it no address counts as verified': 'Без него ни один адрес не считается подтверждённым',
  'The address before /.well-known/openid-configuration': 'Адрес перед /.well-known/openid-configuration',
  'discovered: as the provider’s metadata says': 'discovered: как сказано в описании провайдера',
  // Labels of the generic providers.
  Issuer: 'Издатель',
  'Client authentication': 'Как предъявить секрет',
  'Authorization endpoint': 'Адрес авторизации',
  'Token endpoint': 'Адрес токенов',
  'Profile endpoint': 'Адрес профиля',
  'Revocation endpoint': 'Адрес отзыва',
  'Between scopes': 'Между областями доступа',
  'Field of the person’s id': 'Поле с идентификатором человека',
  'Field of the address': 'Поле с адресом почты',
  'Field that says the address is verified': 'Поле, где сказано, что адрес подтверждён',
  'Field of the name': 'Поле с именем',
  'Field of the picture': 'Поле с картинкой',
  'Client ID': 'Идентификатор клиента',
  'Client secret': 'Секрет клиента',
  // What is wrong with a field.
  'must not have spaces': 'без пробелов',
  'is required by this provider': 'нужно этому провайдеру',
  'must be given again, because an address of the provider changes':
    'нужно ввести заново: меняется адрес провайдера',
  'must be the whole key file, from BEGIN PRIVATE KEY to END PRIVATE KEY':
    'нужен весь файл ключа, от BEGIN PRIVATE KEY до END PRIVATE KEY',
  'must not have spaces or line breaks': 'без пробелов и переводов строки',
  'must be the token of this bot: it begins with the bot’s id and a colon':
    'нужен токен этого бота: он начинается с идентификатора бота и двоеточия',
  'is not a setting of this provider': 'у этого провайдера такой настройки нет',
  'must be one of ': 'выберите одно из: ',
  'is not of the right form': 'запись не того вида',
  'is required': 'нужно заполнить',
  'is set by the platform': 'задаёт сама платформа',
  'must be a whole address, beginning with https://': 'нужен полный адрес, который начинается с https://',
  'must begin with https://': 'должен начинаться с https://',
  'must not have a user name or a fragment': 'без имени пользователя и без фрагмента',
  'must be left out or ': 'оставьте пустым или укажите ',
  'must consist of visible ASCII characters; write a name in its xn-- form':
    'только видимые знаки ASCII; имя пишите в виде xn--',
  'must not have a wildcard; list each address': 'без звёздочки; перечислите каждый адрес',
  'must not have a fragment': 'без фрагмента',
  'must not have a backslash': 'без обратной косой черты',
  'must not have encoded slashes, dots or control characters':
    'без закодированных косых черт, точек и управляющих знаков',
  'must be a whole address such as https://app.example.org/connected':
    'нужен полный адрес, например https://app.example.org/connected',
  'must not have a user name': 'без имени пользователя',
  'must have its scheme in lower case': 'схема пишется строчными буквами',
  'must be https, or http to localhost': 'https или http к localhost',
  'must not have a dot after the host name': 'без точки после имени узла',
  'must be written as it is sent: ': 'пишите так, как он отправляется: ',
}
