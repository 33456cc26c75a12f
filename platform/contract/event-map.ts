/** Who tells whom: a Mermaid picture and a table of all events. */
import type { Service } from '../service/service.ts'

/** Markdown with one flowchart (services are nodes, events the arrows) and one table. */
export function eventMap(services: readonly Service[]): string {
  const node = (name: string) => name.replace(/\W/g, '_')
  const receivers = (source: string, type: string) =>
    services.flatMap((service) =>
      Object.entries(service.handlers ?? {})
        .filter(([, handler]) => handler.source.name === source && handler.type === type)
        .map(([name]) => ({ service: service.contract.name, handler: name })),
    )
  const nodes = services.map(({ contract }) => `  ${node(contract.name)}[${contract.name}]`)
  const arrows = new Map<string, string[]>()
  const rows: string[] = []
  for (const { contract } of services)
    for (const [type, event] of Object.entries(contract.events ?? {})) {
      const to = receivers(contract.name, type)
      for (const service of new Set(to.map((receiver) => receiver.service))) {
        const key = `${node(contract.name)} --> ${node(service)}`
        arrows.set(key, [...(arrows.get(key) ?? []), type])
      }
      const by = to.map(({ service, handler }) => `${service} (${handler})`).join(', ') || '(nobody)'
      rows.push(`| \`${type}\` | ${event.version} | ${contract.name} | ${by} | ${cell(event.description)} |`)
    }
  const edges = [...arrows].map(([key, types]) => {
    const [from, to] = key.split(' --> ')
    return `  ${from} -- "${types.join('<br/>')}" --> ${to}`
  })
  const jobs = services.flatMap(({ contract, jobs = {} }) =>
    Object.entries(jobs).map(
      ([name, job]) => `| ${contract.name} | ${name} | \`${job.schedule}\` | ${cell(job.description)} |`,
    ),
  )
  return [
    '# Event map',
    '',
    '```mermaid',
    'flowchart LR',
    ...nodes,
    ...edges,
    '```',
    '',
    '| event | version | from | handled by | what it says |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    ...(jobs.length > 0
      ? [
          '',
          '## Jobs',
          '',
          '| service | job | schedule (cron, UTC) | what it does |',
          '| --- | --- | --- | --- |',
          ...jobs,
        ]
      : []),
    '',
  ].join('\n')
}

/** Text as it fits into a table's cell. */
export function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|')
}
