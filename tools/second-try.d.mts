/** What came of a run of tests. */
export interface Outcome {
  /** Whether it came to its end, and was not interrupted. */
  readonly finished: boolean
  /** What Vitest ended with; 0 when it was content. */
  readonly code: number
  /** Errors outside of tests, such as a rejection that nothing handled. */
  readonly errors: number
  /** Files that could not be loaded, or whose hooks failed. */
  readonly broken: readonly string[]
  readonly tests: readonly {
    readonly file: string
    readonly name: string
    readonly state: 'passed' | 'failed' | 'skipped'
  }[]
}
export interface Verdict {
  readonly passed: number
  /** Tests that passed only when their file was run once more. */
  readonly atSecondTry: readonly string[]
  readonly failed: readonly string[]
  readonly skipped: number
  readonly troubles: readonly string[]
  readonly holds: boolean
}
export declare const COVERED_LINES: number
export declare const MOST_FILES: number
export function filesToTryAgain(first: Outcome): string[]
export function verdict(first: Outcome, covered: number | undefined, second?: Outcome): Verdict
export function slowest(
  seconds: readonly { readonly file: string; readonly seconds: number }[],
  count?: number,
): string
export function tell(verdict: Verdict): string[]
