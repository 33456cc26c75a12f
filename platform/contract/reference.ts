/** The API reference as HTML, made on the server: readable without a script, searchable with one. */
import type { Service } from '../service/service.ts'
import { accessBadge, accessInWords, callersOf } from './access-words.ts'
import { type Contract, type Operation, pathOf, statusOf } from './contract.ts'
import { errorCatalogue } from './error-catalogue.ts'
import { possibleErrors } from './implied-errors.ts'

/** Text as it may stand in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => entities[character]!)
}

const inline = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')

/** Escaped, with `code` and paragraphs as in Markdown. */
function prose(text: string): string {
  return inline(text)
    .split('\n\n')
    .map((paragraph) => `<p>${paragraph}</p>`)
    .join('')
}

interface Page {
  readonly title: string
  readonly path: '/docs' | '/docs/events' | '/docs/errors'
  readonly groups: readonly {
    readonly name: string
    readonly summary: string
    readonly items: readonly Item[]
  }[]
}

interface Item {
  readonly id: string
  readonly name: string
  readonly mark: string
  readonly html: string
}

function page({ title, path, groups }: Page): string {
  const tab = (to: string, text: string) =>
    `<a href="${to}"${to === path ? ' aria-current="page"' : ''}>${text}</a>`
  const index = groups
    .map(
      ({ name, items }) =>
        `<section><h2>${escapeHtml(name)}</h2><ul>${items
          .map(
            (item) =>
              `<li data-find="${escapeHtml(`${item.name} ${item.mark}`.toLowerCase())}"><a href="#${escapeHtml(item.id)}">${escapeHtml(item.name)}</a></li>`,
          )
          .join('')}</ul></section>`,
    )
    .join('')
  const body = groups
    .map(
      ({ name, summary, items }) =>
        `<section class="group"><h2>${escapeHtml(name)}</h2>${prose(summary)}${items.map((item) => item.html).join('')}</section>`,
    )
    .join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Pleiad</title>
<link rel="stylesheet" href="/docs/reference.css">
<script type="module" src="/docs/reference.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="brand" href="/">Pleiad</a>
<nav aria-label="Documents">${tab('/docs', 'Operations')}${tab('/docs/events', 'Events')}${tab('/docs/errors', 'Errors')}</nav>
<nav class="files" aria-label="Machine-readable"><a href="/api/openapi.json">OpenAPI 3.1</a><a href="/api/asyncapi.json">AsyncAPI 3</a></nav>
</header>
<div class="columns">
<nav class="index" aria-label="Contents"><label class="find">Find <input type="search" id="find" autocomplete="off"></label>${index}</nav>
<main id="content" tabindex="-1"><h1>${title}</h1>${body}</main>
</div>
</body>
</html>
`
}

/** Every operation, by service. */
export function operationsPage(contracts: readonly Contract[]): string {
  return page({
    title: 'API reference',
    path: '/docs',
    groups: contracts.map((contract) => ({
      name: contract.name,
      summary: contract.summary,
      items: Object.entries(contract.operations).map(([name, operation]) =>
        operationItem(contract, name, operation),
      ),
    })),
  })
}

function operationItem(contract: Contract, name: string, operation: Operation): Item {
  const id = `${contract.name}.${name}`
  const address = pathOf(contract, operation)
  const badges = [inline(accessBadge(operation.access))]
  if (operation.rate && operation.rate !== 'default') badges.push(`rate class ${operation.rate}`)
  if (operation.idempotent) badges.push('<code>Idempotency-Key</code>')
  if (operation.ifMatch) badges.push('<code>If-Match</code>')
  const errors = possibleErrors(contract, operation)
    .map(
      ({ code, status, title }) =>
        `<tr><td>${status}</td><td><a href="/docs/errors#${code}"><code>${code}</code></a></td><td>${escapeHtml(title)}</td></tr>`,
    )
    .join('')
  const needed = accessInWords(operation.access)
  const html = `<article id="${id}"><h3><span class="method ${operation.method.toLowerCase()}">${operation.method}</span> <code class="path">${escapeHtml(address)}</code></h3>
<p class="summary">${escapeHtml(operation.summary)}</p><p class="badges">${badges.map((badge) => `<span>${badge}</span>`).join('')}<span><code>${id}</code></span></p>
${operation.description ? prose(operation.description) : ''}${needed ? prose(needed) : ''}
${fieldsTable('Path', operation.params)}${fieldsTable('Query', operation.query)}${fieldsTable('Body', operation.body)}
${exampleOf(operation, address)}
<h4>Answer ${statusOf(operation)}</h4>${operation.returns ? fieldsTable('', operation.returns) : '<p>No body.</p>'}
<details><summary>Refusals</summary><table><thead><tr><th>status</th><th>code</th><th>meaning</th></tr></thead><tbody>${errors}</tbody></table></details></article>`
  return { id, name, mark: `${operation.method} ${address} ${operation.summary}`, html }
}

function exampleOf(operation: Operation, address: string): string {
  const { example } = operation
  if (!example && operation.body) return ''
  const params = (example?.params ?? {}) as Record<string, unknown>
  const path = address.replace(/:(\w+)/g, (_, name) =>
    name in params ? encodeURIComponent(String(params[name])) : `{${name}}`,
  )
  const lines = [`curl -X ${operation.method} "$PLEIAD${path}"`]
  if (operation.access !== 'public')
    lines.push(
      `  -H "Authorization: Bearer ${callersOf(operation.access).people ? '$TOKEN' : '$PROJECT_KEY'}"`,
    )
  if (operation.ifMatch) lines.push(`  -H 'If-Match: "1"'`)
  if (example?.body !== undefined)
    lines.push(
      "  -H 'Content-Type: application/json'",
      `  -d '${JSON.stringify(example.body).replaceAll("'", "'\\''")}'`,
    )
  return `<details><summary>Example</summary><pre><code>${escapeHtml(lines.join(' \\\n'))}</code></pre></details>`
}

/** Every event with its data, who emits and who handles it. */
export function eventsPage(services: readonly Service[]): string {
  const handledBy = (source: string, type: string) =>
    services.filter(({ handlers = {} }) =>
      Object.values(handlers).some((handler) => handler.source.name === source && handler.type === type),
    )
  return page({
    title: 'Events',
    path: '/docs/events',
    groups: services
      .filter(({ contract }) => Object.keys({ ...contract.events, ...contract.topics }).length > 0)
      .map(({ contract }) => ({
        name: contract.name,
        summary: contract.summary,
        items: [
          ...Object.entries(contract.events ?? {}).map(([type, event]): Item => {
            const by = handledBy(contract.name, type).map(
              (service) => `<span>handled by ${service.contract.name}</span>`,
            )
            const html = `<article id="${contract.name}.${type}"><h3><span class="method event">event</span> <code class="path">${escapeHtml(type)}</code></h3>
${prose(event.description)}<p class="badges"><span>version ${event.version}</span><span>key <code>${escapeHtml(event.key)}</code></span>${by.join('')}</p>
${fieldsTable('Data', event.data)}<details><summary>Example</summary><pre><code>${escapeHtml(JSON.stringify(event.example, null, 2))}</code></pre></details></article>`
            return { id: `${contract.name}.${type}`, name: type, mark: event.description, html }
          }),
          ...Object.entries(contract.topics ?? {}).map(([topic, kind]): Item => {
            const html = `<article id="${contract.name}.live.${topic}"><h3><span class="method live">live</span> <code class="path">${escapeHtml(topic)}</code></h3>
${prose(kind.description)}${fieldsTable('Data', kind.data)}</article>`
            return { id: `${contract.name}.live.${topic}`, name: topic, mark: kind.description, html }
          }),
        ],
      })),
  })
}

/** The error catalogue; a problem's `type` leads here. */
export function errorsPage(contracts: readonly Contract[]): string {
  const entries = errorCatalogue(contracts)
  const groups = ['platform', ...contracts.map(({ name }) => name)]
  return page({
    title: 'Errors',
    path: '/docs/errors',
    groups: groups
      .map((group) => ({
        name: group,
        summary: '',
        items: entries
          .filter(({ from }) => from[0] === group)
          .map(
            ({ code, status, title, description, operations }): Item => ({
              id: code,
              name: code,
              mark: `${status} ${title}`,
              html: `<article id="${code}"><h3><span class="method status">${status}</span> <code class="path">${code}</code></h3><p class="summary">${escapeHtml(title)}</p>${prose(description)}${
                operations.length > 0
                  ? `<p class="badges">${operations.map((name) => `<a href="/docs#${name}"><code>${name}</code></a>`).join(' ')}</p>`
                  : ''
              }</article>`,
            }),
          ),
      }))
      .filter(({ items }) => items.length > 0),
  })
}

interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly [rule: string]: unknown
}

function fieldsTable(title: string, schema: unknown): string {
  if (!schema) return ''
  const rows = fieldRows(schema as Schema, '', 0)
  const head = title ? `<h4>${title}</h4>` : ''
  if (rows === '') return `${head}<p>${typeName(schema as Schema)}</p>`
  return `${head}<table class="fields"><thead><tr><th>field</th><th>type</th><th>meaning</th></tr></thead><tbody>${rows}</tbody></table>`
}

function fieldRows(schema: Schema, path: string, depth: number): string {
  if (depth > 4) return ''
  if (schema.items) return fieldRows(schema.items, `${path}[]`, depth + 1)
  const parts = schema.allOf ?? schema.anyOf ?? schema.oneOf
  if (parts) return [...new Set(parts.map((part) => fieldRows(part, path, depth)))].join('')
  return Object.entries(schema.properties ?? {})
    .map(([name, field]) => {
      const whole = path ? `${path}.${name}` : name
      const optional = schema.required?.includes(name) ? '' : '<span class="optional">optional</span>'
      const rules = ruleText(field)
      return `<tr><td><code>${escapeHtml(whole)}</code> ${optional}</td><td>${typeName(field)}</td><td>${inline(field.description ?? '')}${rules ? ` <small>${rules}</small>` : ''}</td></tr>${fieldRows(field, whole, depth + 1)}`
    })
    .join('')
}

function typeName(schema: Schema): string {
  if (schema.const !== undefined) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`
  if (schema.enum)
    return schema.enum.map((value) => `<code>${escapeHtml(JSON.stringify(value))}</code>`).join(' ')
  const parts = schema.anyOf ?? schema.oneOf
  if (parts) return [...new Set(parts.map(typeName))].join(' or ')
  if (schema.items) return `list of ${typeName(schema.items)}`
  const name = [schema.type ?? (schema.allOf || schema.properties ? 'object' : 'any')].flat().join(' or ')
  return escapeHtml(typeof schema['format'] === 'string' ? `${name} (${schema['format']})` : name)
}

function ruleText(schema: Schema): string {
  const rules: string[] = []
  for (const name of [
    'minLength',
    'maxLength',
    'minimum',
    'maximum',
    'minItems',
    'maxItems',
    'pattern',
    'default',
  ])
    if (schema[name] !== undefined) rules.push(`${name} ${JSON.stringify(schema[name])}`)
  return escapeHtml(rules.join(', '))
}
