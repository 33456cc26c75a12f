/** The activity log in words. A line for each kind; `{name}` stands for a detail of the entry. */

interface Words {
  readonly en: string
  readonly ru: string
}

/** Every kind of entry. Who did it stands beside the line, so the line does without. */
export const activityKinds = {
  'project.created': { en: 'Project created', ru: 'Проект создан' },
  'project.renamed': { en: 'Renamed from “{before}” to “{name}”', ru: 'Переименован: «{before}» → «{name}»' },
  'project.branded': { en: 'Look changed', ru: 'Изменено оформление' },
  'project.archived': { en: 'Archived', ru: 'Отправлен в архив' },
  'project.restored': { en: 'Restored', ru: 'Возвращён из архива' },
  'project.deletion.scheduled': {
    en: 'Deletion begun; erased on {deleteAt}',
    ru: 'Начато удаление; будет стёрт {deleteAt}',
  },
  'project.deletion.undone': { en: 'Deletion undone', ru: 'Удаление отменено' },
  'project.orphaned': {
    en: 'Archived: the last owner’s account is gone',
    ru: 'Отправлен в архив: учётной записи последнего владельца больше нет',
  },
  'member.added': { en: '{user} joined as {role}', ru: 'Новый участник: {user}, роль: {role}' },
  'member.changed': {
    en: 'Role of {user} changed from {before} to {role}',
    ru: 'Роль участника {user}: была {before}, теперь {role}',
  },
  'member.removed': { en: '{user} removed', ru: 'Исключение участника: {user}' },
  'member.left': { en: '{user} left', ru: 'Выход участника: {user}' },
  'member.erased': { en: 'A member’s account was erased', ru: 'Учётная запись участника удалена' },
  'member.succeeded': {
    en: '{user} became owner after the last owner’s account was erased',
    ru: 'Новый владелец вместо удалённого: {user}',
  },
  'member.appointed': {
    en: '{user} made owner by an administrator of the platform',
    ru: 'Администратор платформы назначил владельца: {user}',
  },
  'member.transferred': { en: 'Ownership transferred to {user}', ru: 'Новый владелец: {user}' },
  'member.invited': { en: '{email} invited as {role}', ru: 'Отправлено приглашение: {email}, роль: {role}' },
  'member.uninvited': { en: 'Invitation of {email} revoked', ru: 'Приглашение отозвано: {email}' },
  'member.declined': { en: 'Invitation declined by {email}', ru: 'Приглашение отклонено: {email}' },
  'environment.added': { en: 'Environment {environment} added', ru: 'Добавлена среда {environment}' },
  'environment.removed': { en: 'Environment {environment} removed', ru: 'Удалена среда {environment}' },
  'environment.changed': {
    en: 'Settings of {environment} changed',
    ru: 'Изменены настройки среды {environment}',
  },
  'key.created': { en: 'Key “{name}” created in {environment}', ru: 'Создан ключ «{name}» ({environment})' },
  'key.rotated': {
    en: 'Key “{name}” in {environment} got a new secret',
    ru: 'Заменён секрет ключа «{name}» ({environment})',
  },
  'key.revoked': { en: 'Key “{name}” in {environment} revoked', ru: 'Отозван ключ «{name}» ({environment})' },
  'environment.signin': {
    en: 'Sign-in settings of {environment} changed',
    ru: 'Изменены настройки входа ({environment})',
  },
  'environment.keys': {
    en: 'Signing keys of {environment} replaced',
    ru: 'Заменены ключи подписи ({environment})',
  },
  'provider.added': {
    en: 'Provider {name} added in {environment}',
    ru: 'Добавлен провайдер {name} ({environment})',
  },
  'provider.changed': {
    en: 'Provider {name} changed in {environment}',
    ru: 'Изменён провайдер {name} ({environment})',
  },
  'provider.removed': {
    en: 'Provider {name} removed from {environment}',
    ru: 'Удалён провайдер {name} ({environment})',
  },
  'app.created': {
    en: 'App “{name}” created in {environment}',
    ru: 'Создано приложение «{name}» ({environment})',
  },
  'app.changed': {
    en: 'App “{name}” changed in {environment}',
    ru: 'Изменено приложение «{name}» ({environment})',
  },
  'app.removed': {
    en: 'App “{name}” removed from {environment}',
    ru: 'Удалено приложение «{name}» ({environment})',
  },
  'enduser.blocked': {
    en: 'An end user of {environment} blocked',
    ru: 'Заблокирован пользователь приложения ({environment})',
  },
  'enduser.unblocked': {
    en: 'An end user of {environment} unblocked',
    ru: 'Разблокирован пользователь приложения ({environment})',
  },
  'enduser.deleted': {
    en: 'An end user of {environment} deleted',
    ru: 'Удалён пользователь приложения ({environment})',
  },
  'webhook.created': {
    en: 'Webhook to {host} added in {environment}',
    ru: 'Добавлен вебхук на {host} ({environment})',
  },
  'webhook.updated': {
    en: 'Webhook to {host} changed in {environment}',
    ru: 'Изменён вебхук на {host} ({environment})',
  },
  'webhook.rotated': {
    en: 'Webhook to {host} in {environment} got a new secret',
    ru: 'Заменён секрет вебхука на {host} ({environment})',
  },
  'webhook.removed': {
    en: 'Webhook to {host} removed from {environment}',
    ru: 'Удалён вебхук на {host} ({environment})',
  },
  'webhook.gone': {
    en: 'Webhook to {host} in {environment} switched off: its address is gone',
    ru: 'Отключён вебхук на {host} ({environment}): адреса больше нет',
  },
} as const satisfies Record<string, Words>

export type ActivityKind = keyof typeof activityKinds
export type Details = Readonly<Record<string, string>>

/** What is told of a person whose name is not known (any more). */
const someone: Words = { en: 'somebody', ru: '(имя неизвестно)' }
const roles: Readonly<Record<string, Words>> = {
  viewer: { en: 'viewer', ru: 'наблюдатель' },
  developer: { en: 'developer', ru: 'разработчик' },
  admin: { en: 'admin', ru: 'администратор' },
  owner: { en: 'owner', ru: 'владелец' },
}

/** The line of an entry. `userName` is the name of the person in its details. A kind of another version is itself. */
export function wordsOf(
  kind: string,
  details: Details,
  locale: 'en' | 'ru',
  userName: string | undefined,
): string {
  if (!Object.hasOwn(activityKinds, kind)) return kind
  return activityKinds[kind as ActivityKind][locale].replace(/\{(\w+)\}/g, (_, field: string) => {
    if (field === 'user') return userName ?? someone[locale]
    const value = details[field] ?? ''
    if (kind.startsWith('member.') || field === 'role') return roles[value]?.[locale] ?? value
    return field === 'deleteAt' ? value.slice(0, 10) : value
  })
}
