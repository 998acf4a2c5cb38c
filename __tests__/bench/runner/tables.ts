import type { Bound, Comparison, Metric, Samples, Scenario } from './scenario';
import { ratioOf, type Spread, spreadOf, valuesOf } from './statistics';

/** Rows of cells; the first is the head. The first column is text, the others are numbers, the last may be a verdict. */
export type Table = readonly (readonly string[])[];

/** What was measured, how it compares with what is wanted, and what was to stay below a bound. */
export function tablesOf(scenario: Scenario, samples: Samples): Table[] {
  const compared = scenario.compare.flatMap((comparison) => comparisonRows(scenario, samples, comparison));
  const bounded = (scenario.bounds ?? []).map((bound) => boundRow(scenario, samples, bound));
  const tables: Table[] = [measuredTable(scenario, samples)];
  if (compared.length > 0) tables.push([['ours / rival', 'by', 'ratio', 'wanted', ''], ...compared]);
  if (bounded.length > 0) tables.push([['bounded', 'by', 'value', 'wanted', ''], ...bounded]);
  return tables;
}

/** What a scenario is, and of how many rounds the median. */
export function headingOf(scenario: Scenario, samples: Samples): string {
  const rounds = Math.max(...[...samples.values()].map(({ length }) => length));
  return `${scenario.name} (median of ${rounds}, min-max)`;
}

function measuredTable(scenario: Scenario, samples: Samples): Table {
  return [
    ['variant', ...scenario.metrics.map(({ name }) => name)],
    ...scenario.variants.map(({ name }) => [
      name,
      ...scenario.metrics.map((metric) => formatSpread(spreadOf(valuesOf(samples.get(name), metric)), metric.digits)),
    ]),
  ];
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
  const format = (value: number) => formatNumber(value, digits);
  return `${format(median)} (${format(min)}-${format(max)})`;
}

export function formatNumber(value: number, digits: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}
