import { writeFileSync } from 'node:fs'

/**
 * What a run of the tests came to: each file with its tests, and the errors that belong to no test.
 *
 * @typedef {object} TestRun
 * @property {FileRun[]} files
 * @property {number} strayErrors
 *
 * @typedef {object} FileRun
 * @property {string} path
 * @property {boolean} hasFailed the file or one of its tests
 * @property {{ name: string, state: string }[]} tests `state` as vitest names it: passed, failed, skipped, pending
 */

/** A reporter of vitest that writes a `TestRun` as JSON to the file that `TEST_RUN_FILE` names. */
export default class TestReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} strayErrors
   */
  onTestRunEnd(modules, strayErrors) {
    const files = modules.map((module) => ({
      path: module.moduleId,
      hasFailed: module.state() === 'failed' || !module.ok(),
      tests: [...module.children.allTests()].map((test) => ({ name: test.fullName, state: test.result().state })),
    }))
    const path = process.env['TEST_RUN_FILE']
    if (path === undefined) throw new Error('TEST_RUN_FILE names no file')
    writeFileSync(path, JSON.stringify({ files, strayErrors: strayErrors.length }))
  }
}
