/** Words of the pages that the issuer itself answers with. */

export type Language = 'en' | 'ru'

interface Words {
  readonly help: string
  readonly failed: string
  readonly ask: (project: string) => string
  readonly signOut: string
  readonly stay: string
  readonly signedOut: string
  readonly close: string
  readonly goOn: string
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    help: 'Get help',
    failed: 'Signing in did not work',
    ask: (project) => `Sign out of ${project}?`,
    signOut: 'Sign out',
    stay: 'Stay signed in',
    signedOut: 'You are signed out',
    close: 'You can close this page.',
    goOn: 'Go on',
  },
  ru: {
    help: 'Помощь',
    failed: 'Войти не получилось',
    ask: (project) => `Выйти из ${project}?`,
    signOut: 'Выйти',
    stay: 'Остаться',
    signedOut: 'Вы вышли',
    close: 'Эту страницу можно закрыть.',
    goOn: 'Продолжить',
  },
}

export function wordsOf(language: Language): Words {
  return words[language]
}

/** Error of the protocol → what a person can do about it. */
const advice: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  invalid_client: {
    en: 'The app is not known here, or was removed. Tell the people who made it.',
    ru: 'Приложение здесь неизвестно или удалено. Сообщите его создателям.',
  },
  invalid_redirect_uri: {
    en: 'The app asked to be answered at an address that is not registered for it. Tell the people who made it.',
    ru: 'Приложение просит ответить по адресу, который для него не записан. Сообщите его создателям.',
  },
  invalid_request: {
    en: 'The app sent a request that is not right. Tell the people who made it what is written here.',
    ru: 'Приложение прислало неверный запрос. Сообщите его создателям то, что написано ниже.',
  },
  access_denied: {
    en: 'Signing in was cancelled. You can go back to the app and begin again.',
    ru: 'Вход отменён. Можно вернуться в приложение и начать заново.',
  },
  temporarily_unavailable: {
    en: 'We cannot answer at this moment. Nothing is lost: wait a few seconds and reload this page, or begin again from the app.',
    ru: 'Сейчас мы не можем ответить. Ничего не потеряно: подождите несколько секунд и обновите страницу или начните заново из приложения.',
  },
  invalid_grant: {
    en: 'This step was finished already, perhaps in another window. Go back to the app; if you are not signed in, begin again.',
    ru: 'Этот шаг уже завершён, возможно, в другом окне. Вернитесь в приложение; если вход не выполнен, начните заново.',
  },
  server_error: {
    en: 'This is our fault. Try again in a moment.',
    ru: 'Это наша ошибка. Попробуйте ещё раз чуть позже.',
  },
}
const otherwise: Readonly<Record<Language, string>> = {
  en: 'Go back to the app and begin again.',
  ru: 'Вернитесь в приложение и начните заново.',
}

export function adviceOf(error: string, language: Language): string {
  return (advice[error] ?? otherwise)[language]
}
