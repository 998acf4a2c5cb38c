import type { Metric, Samples, Scenario } from './scenario';
import { spreadOf, valuesOf } from './statistics';
import { formatNumber } from './tables';

/** What was measured of one scenario. */
export interface Measured {
  readonly scenario: Scenario;
  readonly samples: Samples;
}

const width = 760;
const labelWidth = 300;
const valueWidth = 110;
const barHeight = 14;
const rowHeight = 20;
const headHeight = 34;
const gap = 14;

/** A drawing named after the suite, with a group of bars for each scenario: the medians of its first metric, ours in colour. */
export function barChart(suite: string, measured: readonly Measured[]): string {
  let top = 0;
  const groups: string[] = [];
  for (const { scenario, samples } of measured) {
    groups.push(`<g transform="translate(0 ${top})">${groupOf(scenario, samples)}</g>`);
    top += headHeight + scenario.variants.length * rowHeight + gap;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" role="img" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(suite)}</title>`,
    `<style>text{fill:#1f2328}.head{font-weight:bold}.unit{fill:#59636e}rect{fill:#9aa4af}.ours{fill:#0a7d4f}`,
    '@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.unit{fill:#9198a1}rect{fill:#656c76}.ours{fill:#2ea97a}}</style>',
    ...groups,
    '</svg>\n',
  ].join('\n');
}

function groupOf(scenario: Scenario, samples: Samples): string {
  const metric = scenario.metrics[0] as Metric;
  const medians = scenario.variants.map(({ name }) => spreadOf(valuesOf(samples.get(name), metric)).median);
  const longest = Math.max(...medians.filter(Number.isFinite), Number.MIN_VALUE);
  const ours = new Set([...scenario.compare.map(({ ours }) => ours), ...(scenario.bounds ?? []).map((b) => b.variant)]);
  const head = `<text class="head" y="14">${escaped(scenario.name)}</text><text class="unit" y="29">${escaped(metric.name)}, ${metric.better} is better</text>`;
  const rows = scenario.variants.map(({ name }, index) => {
    const median = medians[index] as number;
    const length = Number.isFinite(median) ? ((width - labelWidth - valueWidth) * median) / longest : 0;
    const y = headHeight + index * rowHeight;
    return [
      `<text x="${labelWidth - 8}" y="${y + 11}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${Math.max(1, Math.round(length))}" height="${barHeight}"${ours.has(name) ? ' class="ours"' : ''}/>`,
      `<text x="${labelWidth + Math.round(length) + 6}" y="${y + 11}">${formatNumber(median, metric.digits)}</text>`,
    ].join('');
  });
  return [head, ...rows].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
