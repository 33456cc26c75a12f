/** Russian wording of every kind. */
import type { Facts, KindName } from './kinds.ts'
import { russianOfForge } from './texts-forge-ru.ts'
import { russianOfProjects } from './texts-projects-ru.ts'
import type { Wording } from './wording.ts'

const changes: Readonly<Record<string, string>> = {
  passwordChanged: 'Пароль изменён',
  passwordReset: 'Пароль сброшен',
  emailChangeRequested: 'Запрошена смена адреса почты',
  emailChanged: 'Адрес почты изменён',
  totpEnabled: 'Двухэтапный вход включён',
  totpDisabled: 'Двухэтапный вход выключен',
  passkeyAdded: 'Добавлен ключ доступа',
  passkeyRemoved: 'Удалён ключ доступа',
  recoveryCodesMade: 'Созданы новые коды восстановления',
  recoveryCodeUsed: 'Для входа использован код восстановления',
  tokenCreated: 'Создан личный токен доступа',
  sessionStolen: 'Сеанс завершён: его ключ использовали дважды',
  secondFactorAttacked: 'Кто-то, кто знает ваш пароль, много раз не прошёл второй этап входа',
  newSignIn: 'Новый вход в ваш аккаунт',
  accountLocked: 'Администратор заблокировал ваш аккаунт',
  accountUnlocked: 'Ваш аккаунт разблокирован',
}

const notYou = 'Если это были не вы, сразу смените пароль и проверьте свои сеансы и ключи доступа.'

function where({ at, ip, userAgent }: Facts): string {
  const parts = [at && `Время: ${at}`, ip && `Адрес: ${ip}`, userAgent && `Программа: ${userAgent}`]
  return parts.filter(Boolean).join('\n')
}

function lasts({ expiresAt }: Facts): string[] {
  return expiresAt ? [`Ссылка одноразовая и действует до ${expiresAt}.`] : ['Ссылка одноразовая.']
}

/** Form of a noun for a count: 1 письмо, 2 письма, 5 писем. */
function plural(count: number, one: string, few: string, many: string): string {
  const form = new Intl.PluralRules('ru').select(count)
  return form === 'one' ? one : form === 'few' ? few : many
}

export const russian: Readonly<Record<KindName, Wording>> = {
  ...russianOfForge,
  ...russianOfProjects,
  'verify-email': {
    about: 'Подтверждение адреса',
    title: () => 'Подтвердите адрес почты',
    body: (facts) => [
      'Подтвердите, что это ваш адрес, чтобы завершить регистрацию.',
      ...lasts(facts),
      'Если вы не регистрировались, просто не отвечайте на это письмо.',
    ],
    action: 'Подтвердить адрес',
  },
  'account-exists': {
    about: 'Кто-то регистрируется с вашим адресом',
    title: () => 'У вас уже есть аккаунт',
    body: () => [
      'Кто-то попробовал зарегистрироваться с этим адресом, но аккаунт с ним уже есть. Если это были вы, войдите или запросите новый пароль на странице входа.',
      'Если это были не вы, ничего не произошло: делать ничего не нужно.',
    ],
    action: 'Войти',
  },
  'reset-password': {
    about: 'Новый пароль',
    title: () => 'Задайте новый пароль',
    body: (facts) => [
      'Вы попросили задать новый пароль.',
      ...lasts(facts),
      'Если вы об этом не просили, ничего делать не нужно: пароль останется прежним.',
    ],
    action: 'Задать новый пароль',
  },
  'change-email': {
    about: 'Подтверждение нового адреса',
    title: () => 'Подтвердите новый адрес почты',
    body: (facts) => [
      'Подтвердите, что это новый адрес вашего аккаунта.',
      ...lasts(facts),
      'Если вы об этом не просили, ничего делать не нужно.',
    ],
    action: 'Подтвердить новый адрес',
  },
  welcome: {
    about: 'Приветствие',
    title: ({ name }) => (name ? `Добро пожаловать, ${name}` : 'Добро пожаловать'),
    body: () => ['Расскажите немного о себе, чтобы вас узнавали.'],
    action: 'Открыть мой профиль',
  },
  'new-sign-in': {
    about: 'Входы из новых мест',
    title: () => 'Новый вход в ваш аккаунт',
    body: (facts) => ['Кто-то вошёл из места, которого мы раньше не видели.', where(facts), notYou],
    action: 'Посмотреть сеансы',
  },
  'security-notice': {
    about: 'Изменения в безопасности аккаунта',
    title: ({ what }) => changes[what ?? ''] ?? 'Изменилась безопасность аккаунта',
    body: (facts) => [
      `${changes[facts.what ?? ''] ?? 'Изменилась безопасность аккаунта'}.`,
      where(facts),
      ...(facts.what?.startsWith('account') ? [] : [notYou]),
    ],
    action: 'Открыть настройки безопасности',
  },
  'roles-changed': {
    about: 'Ваши роли',
    title: () => 'Ваши роли изменились',
    body: ({ roles }) => [roles ? `Теперь ваши роли: ${roles}.` : 'У вас больше нет особых ролей.'],
  },
  'account-deactivated': {
    about: 'Отключение аккаунта',
    title: () => 'Ваш аккаунт отключён',
    body: () => [
      'Администратор отключил ваш аккаунт. Войти нельзя, другие не видят ваш профиль. Ничего не удалено.',
    ],
  },
  'account-reactivated': {
    about: 'Включение аккаунта',
    title: () => 'Ваш аккаунт снова включён',
    body: () => ['Администратор снова включил ваш аккаунт. Вы можете входить, как раньше.'],
    action: 'Войти',
  },
  digest: {
    about: 'Сводка',
    title: ({ count }) => {
      const n = Number(count ?? 0)
      return `Вас ${plural(n, 'ждёт', 'ждут', 'ждут')} ${n} ${plural(n, 'уведомление', 'уведомления', 'уведомлений')}`
    },
    body: ({ list, more }) => [
      'Вы ещё не прочитали:',
      list ?? '',
      ...(more && more !== '0' ? [`И ещё ${more}.`] : []),
    ],
    action: 'Прочитать',
  },
}
