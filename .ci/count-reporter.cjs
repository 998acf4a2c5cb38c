'use strict';
const { appendFileSync } = require('node:fs');

/** Adds jest's counts to the file in CI_COUNTS, as the plain line that CI reads. */
module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    if (process.env.CI_COUNTS === undefined) return;
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = results;
    // A suite that does not even load has no tests to count.
    const failed = Math.max(numFailedTests, numFailedTestSuites);
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    appendFileSync(process.env.CI_COUNTS, `${numPassedTests} passed, ${failed} failed${skipped}\n`);
  }
};
