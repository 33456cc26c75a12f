/** Russian wording of what concerns orders of the workshop. */
import type { ForgeKindName } from './kinds.ts'
import type { Wording } from './wording.ts'

const named = (number: string | undefined) => (number ? `Заказ ${number}` : 'Ваш заказ')

const progress: Readonly<Record<string, readonly [title: string, body: string]>> = {
  created: ['принят', 'Офис посмотрит его и скоро ответит.'],
  confirmed: ['подтверждён', 'Он будет изготовлен, как заказано.'],
  inProduction: ['изготавливается', 'Первая деталь уже на машине.'],
  qualityCheck: ['на проверке', 'Всё изготовлено, теперь его внимательно осматривают.'],
  packed: ['упакован', 'Скоро он отправится.'],
  shipped: ['в пути', 'На его странице видно, кто его везёт.'],
  delivered: ['доставлен', 'Если что-то не так, напишите нам на его странице.'],
}
const trouble: Readonly<Record<string, string>> = {
  rejected: 'не будет изготовлен',
  cancelled: 'отменён',
  returned: 'вернулся',
}
/** Why, or where to read more. */
const reasonOr = (reason: string | undefined, more: string) => [reason ? `Причина: ${reason}` : more]

export const russianOfForge: Readonly<Record<ForgeKindName, Wording>> = {
  'order-progress': {
    about: 'Ход моих заказов',
    title: ({ number, state }) => `${named(number)} ${progress[state ?? '']?.[0] ?? 'движется дальше'}`,
    body: ({ state }) => [progress[state ?? '']?.[1] ?? 'Подробности на странице заказа.'],
    action: 'Открыть заказ',
  },
  'order-asks': {
    about: 'Заказы, которые ждут моего ответа',
    title: ({ number }) => `${named(number)}: цена отличается от оценки`,
    body: () => ['Точная цена вышла за пределы показанной оценки. Примите её или отмените заказ.'],
    action: 'Посмотреть цену',
  },
  'order-trouble': {
    about: 'Отменённые и возвращённые заказы',
    title: ({ number, state }) => `${named(number)} ${trouble[state ?? ''] ?? 'завершён'}`,
    body: ({ reason }) => [
      ...(reason ? reasonOr(reason, '') : []),
      'То, что за него уплачено, вернётся вам.',
    ],
    action: 'Открыть заказ',
  },
  'order-payment': {
    about: 'Оплата',
    title: ({ number, what }) =>
      what === 'refunded' ? `${named(number)}: деньги возвращаются к вам` : `${named(number)} оплачен`,
    body: ({ amount }) => [amount ? `Сумма: ${amount}.` : 'Подробности на странице заказа.'],
    action: 'Открыть заказ',
  },
  'order-message': {
    about: 'Ответы по моим заказам',
    title: ({ number }) => (number ? `Сообщение о заказе ${number}` : 'Сообщение о вашем заказе'),
    body: ({ text }) => [text ?? 'Откройте переписку, чтобы прочитать его.'],
    action: 'Ответить',
  },
  'order-price': {
    about: 'Цены, которые считали дольше',
    title: ({ what, model }) =>
      what === 'refused'
        ? `Так изготовить нельзя: ${model ?? 'деталь'}`
        : what === 'delayed'
          ? `Расчёт цены займёт чуть больше времени: ${model ?? 'деталь'}`
          : `Цена готова: ${model ?? 'деталь'}`,
    body: ({ what, reason }) =>
      what === 'delayed'
        ? ['Деталь посмотрит человек и назначит цену.']
        : reasonOr(reason, 'Подробности на странице модели.'),
    action: 'Открыть модель',
  },
  'order-model': {
    about: 'Мои модели',
    title: ({ what, model }) =>
      what === 'rejected'
        ? `Модель не подходит: ${model ?? 'без имени'}`
        : `Модель ждёт вашего ответа: ${model ?? 'без имени'}`,
    body: ({ what, reason }) =>
      what === 'repair'
        ? ['В ней есть дефекты, которые можно исправить. Посмотрите разницу и примите её.']
        : what === 'units'
          ? ['Файл не говорит, в каких он единицах. Выберите единицу.']
          : reasonOr(reason, 'Подробности на странице модели.'),
    action: 'Открыть модель',
  },
  'office-order': {
    about: 'Новые заказы (офис)',
    title: ({ number, customer }) => `Новый заказ ${number ?? ''}${customer ? `: ${customer}` : ''}`.trim(),
    body: ({ amount }) => [amount ? `Сумма: ${amount}.` : 'Подробности на странице заказа.'],
    action: 'Открыть входящие',
  },
  'office-message': {
    about: 'Сообщения клиентов (офис)',
    title: ({ number }) => (number ? `Клиент пишет о заказе ${number}` : 'Клиент пишет о заказе'),
    body: ({ text }) => [text ?? 'Откройте переписку, чтобы прочитать его.'],
    action: 'Ответить',
  },
  'office-price': {
    about: 'Цены, которые назначает человек (офис)',
    title: () => 'Деталь нельзя оценить автоматически',
    body: ({ reason }) => reasonOr(reason, 'Подробности на странице модели.'),
    action: 'Назначить цену',
  },
}
