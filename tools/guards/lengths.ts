/** Guide figures of length: a file is read in one sitting, a service in one evening. */
import { sourceFiles } from './files.ts'

const FILE_LINES = 250
const SERVICE_LINES = 900

/** Files and services over the guide figures. A hint, not an error: the cure is another noun, never another layer. */
export function lengthHints(folder: string): string[] {
  const files = sourceFiles(folder, [
    '{platform,services,server,tools,workshop}/**/*.ts',
    'web/src/**/*.{ts,tsx}',
  ]).filter(({ path }) => !/\.test\.tsx?$|_pb\.ts$/.test(path))
  const lines = ({ text }: { text: string }) => text.split('\n').length - 1
  const services = new Map<string, number>()
  for (const file of files) {
    const service = /^services\/[^/]+/.exec(file.path)?.[0]
    if (service) services.set(service, (services.get(service) ?? 0) + lines(file))
  }
  return [
    ...files
      .filter((file) => lines(file) > FILE_LINES)
      .map((file) => `${file.path}: ${lines(file)} lines (guide: ${FILE_LINES})`),
    ...[...services]
      .filter(([, count]) => count > SERVICE_LINES)
      .map(([service, count]) => `${service}: ${count} lines (guide: ${SERVICE_LINES})`),
  ]
}
