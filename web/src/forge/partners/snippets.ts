/** Programs that upload a model and get a binding price for it, filled with values of this workshop. Shown as text. */
import type { PriceBook } from '@pleiad/workshop/price/book'

export interface SnippetFacts {
  /** Address of the partners' API. */
  readonly api: string
  /** How the part is to be made. */
  readonly line: SnippetLine
}

export interface SnippetLine {
  readonly technology: string
  readonly material: string
  readonly color: string
  readonly layerHeightMm: number
  readonly finish: string
  readonly quantity: number
}

export const languages = ['node', 'curl', 'python'] as const
export type SnippetLanguage = (typeof languages)[number]

/** What can be ordered by the book: its first material, as it is usually made. */
export function firstLine(book: PriceBook): SnippetLine {
  const material = book.materials[0]
  const technology = book.technologies.find(({ id }) => id === material?.technology)
  const heights = technology?.layerHeightsMm ?? []
  return {
    technology: technology?.id ?? 'fdm',
    material: material?.id ?? 'pla',
    color: material?.colors[0]?.id ?? 'black',
    layerHeightMm: heights[Math.floor(heights.length / 2)] ?? 0.2,
    finish: material?.finishes[0] ?? 'as-made',
    quantity: 1,
  }
}

/** The program in one language. The key stands in an environment variable: a secret does not belong into code. */
export function snippetOf(language: SnippetLanguage, facts: SnippetFacts): string {
  return programs[language](facts)
}

const programs: Readonly<Record<SnippetLanguage, (facts: SnippetFacts) => string>> = {
  node: ({ api, line }) => `// Node 20 or later: PLEIAD_KEY=plk_... node first.mjs part.stl
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const api = ${JSON.stringify(api)}
const line = ${JSON.stringify(line)}
const file = process.argv[2]

async function call(path, body) {
  const answer = await fetch(api + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: \`Bearer \${process.env.PLEIAD_KEY}\`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  const result = await answer.json()
  if (!answer.ok) throw new Error(\`\${result.code}: \${result.detail ?? result.title}\`)
  return result
}

// Upload: tus 1.0.0, all bytes in one PATCH.
const bytes = await readFile(file)
const { model, uploadUrl } = await call('/models', { name: basename(file), size: bytes.length })
await fetch(uploadUrl, {
  method: 'PATCH',
  headers: { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
  body: bytes,
})

// It is checked by itself; a webhook tells it, too.
let known = model
while (['uploading', 'processing'].includes(known.state)) {
  await wait(1000)
  known = await call(\`/models/\${model.modelId}\`)
}
if (!['ready', 'repaired'].includes(known.state)) throw new Error(\`The model is \${known.state}\`)

// The same reference, sent again, answers the same quote.
let quote = await call('/quotes', { reference: model.modelId, lines: [{ modelId: model.modelId, ...line }] })
while (quote.state === 'draft') {
  await wait(1000)
  quote = await call(\`/orders/\${quote.orderId}\`)
}
console.log(quote.number, quote.state, quote.total / 100, quote.currency)
`,
  curl: ({ api, line }) => `# Needs bash, curl and jq. PLEIAD_KEY=plk_... bash first.sh part.stl
set -euo pipefail
api=${JSON.stringify(api)}
line='${JSON.stringify(line)}'
file=$1
call() { curl -sS --fail-with-body -H "Authorization: Bearer $PLEIAD_KEY" -H 'Content-Type: application/json' "$@"; }

# Upload: tus 1.0.0, all bytes in one PATCH.
made=$(call "$api/models" -d "$(jq -n --arg name "$(basename "$file")" --argjson size "$(wc -c < "$file")" '{$name, $size}')")
model=$(jq -r .model.modelId <<< "$made")
curl -sS -X PATCH "$(jq -r .uploadUrl <<< "$made")" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Offset: 0' \\
  -H 'Content-Type: application/offset+octet-stream' --data-binary "@$file"

# It is checked by itself; a webhook tells it, too.
while call "$api/models/$model" | jq -e '.state | IN("uploading", "processing")' > /dev/null; do sleep 1; done

# The same reference, sent again, answers the same quote.
quote=$(jq -n --arg model "$model" --argjson line "$line" '{reference: $model, lines: [$line + {modelId: $model}]}' |
  call "$api/quotes" -d @- | jq -r .orderId)
while call "$api/orders/$quote" | jq -e '.state == "draft"' > /dev/null; do sleep 1; done
call "$api/orders/$quote" | jq '{number, state, total, currency}'
`,
  python: ({ api, line }) => `# Python 3.9 or later, no packages: PLEIAD_KEY=plk_... python3 first.py part.stl
import json, os, pathlib, sys, time, urllib.request

API = ${JSON.stringify(api)}
LINE = ${JSON.stringify(line)}
file = pathlib.Path(sys.argv[1])

def call(path, body=None):
    request = urllib.request.Request(
        API + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + os.environ["PLEIAD_KEY"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)

# Upload: tus 1.0.0, all bytes in one PATCH.
data = file.read_bytes()
made = call("/models", {"name": file.name, "size": len(data)})
upload = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
urllib.request.urlopen(urllib.request.Request(made["uploadUrl"], data=data, headers=upload, method="PATCH"))

# It is checked by itself; a webhook tells it, too.
model = made["model"]
while model["state"] in ("uploading", "processing"):
    time.sleep(1)
    model = call("/models/" + model["modelId"])

# The same reference, sent again, answers the same quote.
quote = call("/quotes", {"reference": model["modelId"], "lines": [{"modelId": model["modelId"], **LINE}]})
while quote["state"] == "draft":
    time.sleep(1)
    quote = call("/orders/" + quote["orderId"])
print(quote["number"], quote["state"], quote["total"] / 100, quote["currency"])
`,
}
