/** Russian wording of what concerns projects and their end users. */
import type { ProjectKindName } from './kinds.ts'
import type { Wording } from './wording.ts'

const unasked = 'Если это были не вы, ничего делать не нужно.'
const until = (what: string, expiresAt: string | undefined) =>
  expiresAt ? `${what} и действует до ${expiresAt}.` : `${what}.`
const roles: Readonly<Record<string, string>> = {
  viewer: 'наблюдатель',
  developer: 'разработчик',
  admin: 'администратор',
  owner: 'владелец',
}
const roleOf = (role: string | undefined) => roles[role ?? ''] ?? role ?? 'наблюдатель'

export const russianOfProjects: Readonly<Record<ProjectKindName, Wording>> = {
  'project-invitation': {
    about: 'Приглашения в проекты',
    title: ({ project, inviter }) =>
      `${inviter ? `${inviter} приглашает вас` : 'Вас приглашают'} в проект${project ? ` «${project}»` : ''}`,
    body: ({ role, expiresAt, inApp }) => [
      `Ваша роль: ${roleOf(role)}.`,
      inApp
        ? 'Ссылка, чтобы принять приглашение, в письме на ваш адрес.'
        : until('Ссылка одноразовая', expiresAt),
      ...(inApp ? [] : ['Если вы не знаете, о чём речь, просто не отвечайте на это письмо.']),
    ],
    action: 'Посмотреть приглашение',
  },
  'project-joined': {
    about: 'Принятые приглашения',
    title: ({ person, project }) =>
      `${person ?? 'Новый участник'} теперь в проекте${project ? ` «${project}»` : ''}`,
    body: ({ role }) => [`Роль: ${roleOf(role)}.`],
    action: 'Открыть проекты',
  },
  'project-role-changed': {
    about: 'Моя роль в проекте',
    title: ({ project }) => `Ваша роль в проекте${project ? ` «${project}»` : ''} изменилась`,
    body: ({ role }) => [`Теперь вы ${roleOf(role)}.`],
    action: 'Открыть проекты',
  },
  'project-left': {
    about: 'Исключение из проекта',
    title: ({ project }) => `Вы больше не участник проекта${project ? ` «${project}»` : ''}`,
    body: () => ['Вас исключил один из тех, кто управляет проектом.'],
  },
  'project-deletion': {
    about: 'Удаление проекта',
    title: ({ project }) => `Проект${project ? ` «${project}»` : ''} будет удалён`,
    body: ({ deleteAt }) => [
      `Всё, что в нём есть, сотрётся${deleteAt ? ` ${deleteAt}` : ''}. До этого владелец может отменить удаление.`,
    ],
    action: 'Открыть проекты',
  },
  'project-orphaned': {
    about: 'Проекты без владельца (для администраторов)',
    title: ({ project }) =>
      project ? `У проекта «${project}» больше нет владельца` : 'Проект остался без владельца',
    body: () => [
      'Учётная запись последнего владельца удалена, поэтому проект в архиве: войти в его приложения нельзя.',
      'Назначьте владельца — он сможет вернуть проект из архива.',
    ],
    action: 'Открыть все проекты',
  },
  'enduser-confirm-email': {
    about: 'Подтверждение адреса пользователя проекта',
    title: ({ project }) => `Код подтверждения${project ? `: ${project}` : ''}`,
    body: ({ expiresAt }) => [
      'Введите этот код, чтобы подтвердить адрес.',
      until('Код одноразовый', expiresAt),
      'Никому его не сообщайте.',
      unasked,
    ],
  },
  'enduser-reset-password': {
    about: 'Новый пароль пользователя проекта',
    title: ({ project }) => `Код для нового пароля${project ? `: ${project}` : ''}`,
    body: ({ expiresAt }) => [
      'Введите этот код, чтобы задать новый пароль.',
      until('Код одноразовый', expiresAt),
      'Никому его не сообщайте.',
      unasked,
    ],
  },
  'enduser-set-password': {
    about: 'Первый пароль пользователя проекта',
    title: ({ project }) => `Задайте пароль${project ? `: ${project}` : ''}`,
    body: ({ expiresAt }) => [
      'Для вас создан аккаунт. Придумайте пароль.',
      until('Ссылка одноразовая', expiresAt),
    ],
    action: 'Задать пароль',
  },
  'enduser-already-registered': {
    about: 'Регистрация с адресом пользователя проекта',
    title: ({ project }) => `У вас уже есть аккаунт${project ? `: ${project}` : ''}`,
    body: () => ['Кто-то попробовал зарегистрироваться с вашим адресом. Если это были вы, войдите.', unasked],
    action: 'Войти',
  },
  'enduser-password-changed': {
    about: 'Смена пароля пользователя проекта',
    title: ({ project }) => `Пароль изменён${project ? `: ${project}` : ''}`,
    body: ({ supportEmail }) => [
      'Остальные ваши сеансы завершены.',
      supportEmail
        ? `Если это были не вы, сразу напишите на ${supportEmail}.`
        : 'Если это были не вы, сразу задайте новый пароль.',
    ],
  },
}
