/** Programs that sign people in with an app of the project, filled with its values. Shown as text, to be copied. */
import { browser } from './snippets/browser.ts'
import { curl } from './snippets/curl.ts'
import type { Program, SnippetFacts } from './snippets/facts.ts'
import { go } from './snippets/go.ts'
import { node } from './snippets/node.ts'
import { python } from './snippets/python.ts'

export const languages = ['node', 'browser', 'python', 'go', 'curl'] as const
export type SnippetLanguage = (typeof languages)[number]

const programs: Readonly<Record<SnippetLanguage, Program>> = { node, browser, python, go, curl }

/** The program in one language. A secret stands in an environment variable: it does not belong into code. */
export function snippetOf(language: SnippetLanguage, facts: SnippetFacts): string {
  return programs[language](facts)
}
