/** A reporter of Vitest that writes what came of every test to TEST_OUTCOME, for `test.mjs`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

export default class OutcomeReporter {
  onTestRunEnd(modules, errors, reason) {
    const fileOf = ({ relativeModuleId }) => relativeModuleId
    const tests = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => {
        const { state } = test.result()
        // A test that is still pending when the run is over was never judged.
        return { file: fileOf(module), name: test.fullName, state: state === 'pending' ? 'failed' : state }
      }),
    )
    const failedSuite = (module) =>
      [...module.children.allSuites()].some((suite) => suite.errors().length > 0)
    const broken = modules
      .filter(
        (module) =>
          module.errors().length > 0 ||
          failedSuite(module) ||
          (module.state() === 'failed' &&
            !tests.some(({ file, state }) => file === fileOf(module) && state === 'failed')),
      )
      .map(fileOf)
    const seconds = modules.map((module) => {
      const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } =
        module.diagnostic()
      const all = environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration
      return { file: fileOf(module), seconds: Math.round(all / 1000) }
    })
    const outcome = { finished: reason !== 'interrupted', errors: errors.length, broken, tests, seconds }
    const to = process.env.TEST_OUTCOME
    mkdirSync(path.dirname(to), { recursive: true })
    writeFileSync(to, JSON.stringify(outcome))
  }
}
