import type { Bound, Comparison, Metric, Samples, Scenario } from './scenario';
import { ratioOf, type Spread, spreadOf, valuesOf } from './statistics';

/** Prints what was measured, then how it compares with what is wanted. */
export function printScenario(scenario: Scenario, samples: Samples): void {
  const rounds = Math.max(...[...samples.values()].map(({ length }) => length));
  console.log(`\n${scenario.suite}: ${scenario.name} (median of ${rounds}, min-max)`);
  printTable([
    ['variant', ...scenario.metrics.map(({ name }) => name)],
    ...scenario.variants.map(({ name }) => [
      name,
      ...scenario.metrics.map((metric) => formatSpread(spreadOf(valuesOf(samples.get(name), metric)), metric.digits)),
    ]),
  ]);
  const compared = scenario.compare.flatMap((comparison) => comparisonRows(scenario, samples, comparison));
  const bounded = (scenario.bounds ?? []).map((bound) => boundRow(scenario, samples, bound));
  if (compared.length > 0) printTable([['ours / rival', 'by', 'ratio', 'wanted', ''], ...compared]);
  if (bounded.length > 0) printTable([['bounded', 'by', 'value', 'wanted', ''], ...bounded]);
}

/** A row for each metric; what is wanted stands in that of the comparison's own. */
function comparisonRows(scenario: Scenario, samples: Samples, comparison: Comparison): string[][] {
  const { ours, rival, atLeast, metric: decisive = scenario.metrics[0]?.name } = comparison;
  return scenario.metrics.map((metric) => {
    const ratio = ratioOf(valuesOf(samples.get(ours), metric), valuesOf(samples.get(rival), metric), metric.better);
    const row = [`${ours} / ${rival}`, metric.name, formatSpread(ratio, 2)];
    if (atLeast === undefined || metric.name !== decisive) return [...row, '', ''];
    return [...row, `>= ${atLeast}`, verdict(ratio.median >= atLeast)];
  });
}

function boundRow(scenario: Scenario, samples: Samples, { variant, metric, atMost }: Bound): string[] {
  const { name, digits } = scenario.metrics.find((other) => other.name === metric) as Metric;
  const value = spreadOf((samples.get(variant) ?? []).map((sample) => sample[name] ?? Number.NaN));
  return [variant, name, formatSpread(value, digits), `<= ${atMost}`, verdict(value.median <= atMost)];
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'NOT met';
}

function formatSpread({ median, min, max }: Spread, digits: number): string {
  const format = (value: number) =>
    value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
  return `${format(median)} (${format(min)}-${format(max)})`;
}

/** The first column to the left, the others to the right, the last to the left where it is a verdict. */
function printTable(rows: string[][]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(`  ${cells.join('  ').trimEnd()}`);
  }
  console.log('');
}
