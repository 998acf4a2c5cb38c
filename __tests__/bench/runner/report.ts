import type { Samples, Scenario } from './scenario';
import { headingOf, type Table, tablesOf } from './tables';

/** Prints what was measured, then how it compares with what is wanted. */
export function printScenario(scenario: Scenario, samples: Samples): void {
  console.log(`\n${scenario.suite}: ${headingOf(scenario, samples)}`);
  for (const table of tablesOf(scenario, samples)) printTable(table);
}

/** The first column to the left, the others to the right, the last to the left where it is a verdict. */
function printTable(rows: Table): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(`  ${cells.join('  ').trimEnd()}`);
  }
  console.log('');
}
