/** Russian words of Atlas. */

import { apis, apps, signIn, webhooks } from './ru/apps.ts'
import { connections, health, users } from './ru/people.ts'
import { providers, trouble } from './ru/providers.ts'
import { overview, projects, quickStart } from './ru/start.ts'
import { activity, admin, environments, invitation, keys, members, settings } from './ru/team.ts'

export default {
  atlas: {
    connections,
    health,
    providers,
    trouble,
    users,
    projects,
    quickStart,
    overview,
    members,
    admin,
    invitation,
    keys,
    environments,
    activity,
    settings,
    webhooks,
    apps,
    signIn,
    apis,
    state: { active: 'Работает', archived: 'В архиве', deleting: 'Удаляется' },
    role: { viewer: 'Наблюдатель', developer: 'Разработчик', admin: 'Администратор', owner: 'Владелец' },
    actions: 'Действия',
    change: 'Изменить',
    saved: 'Сохранено.',
    environment: 'Среда',
    nav: 'Страницы проекта {{name}}',
    tab: {
      overview: 'Обзор',
      quickStart: 'Быстрый старт',
      apps: 'Приложения',
      providers: 'Провайдеры',
      users: 'Пользователи',
      connections: 'Подключения',
      webhooks: 'Вебхуки',
      signIn: 'Вход',
      keys: 'Ключи',
      members: 'Участники',
      environments: 'Среды',
      activity: 'Журнал',
      settings: 'Настройки',
    },
    roleAbout: {
      viewer: 'Видит всё, кроме секретов; ничего не меняет.',
      developer: 'Ещё настраивает все среды, кроме production.',
      admin: 'Ещё настраивает production, приглашает участников и управляет ими.',
      owner: 'Ещё назначает владельцев и удаляет проект.',
    },
    overlap: {
      now: 'Сразу',
      hour: 'Через час',
      day: 'Через сутки',
      week: 'Через неделю',
    },
  },
}
