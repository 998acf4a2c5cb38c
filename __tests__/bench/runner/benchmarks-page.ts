import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { barChart, type Measured } from './bar-chart';
import { headingOf, type Table, tablesOf } from './tables';

/** What stands before this line in docs/benchmarks.md is written by hand, what follows by the program. */
const border = '<!-- From here on: npm run bench -- --write -->';

/** Writes docs/benchmarks.md and its drawings. */
export function writeBenchmarksPage(docs: string, machine: string, measured: readonly Measured[]): void {
  const page = path.join(docs, 'benchmarks.md');
  const [byHand = ''] = readFileSync(page, 'utf8').split(border);
  const suites = [...new Set(measured.map(({ scenario }) => scenario.suite))];
  mkdirSync(path.join(docs, 'benchmarks'), { recursive: true });
  const sections = suites.map((suite) => {
    const ofSuite = measured.filter(({ scenario }) => scenario.suite === suite);
    writeFileSync(path.join(docs, 'benchmarks', `${suite}.svg`), barChart(suite, ofSuite));
    return [
      `## ${suite}\n\n![Bars for each scenario of ${suite}](benchmarks/${suite}.svg)\n`,
      ...ofSuite.map(sectionOf),
    ];
  });
  const when = new Date().toISOString().slice(0, 10);
  const head = `Measured on ${when}:\n\n\`\`\`\n${machine}\n\`\`\`\n`;
  writeFileSync(page, `${byHand}${border}\n\n${[head, ...sections.flat()].join('\n')}`);
}

function sectionOf({ scenario, samples }: Measured): string {
  return [`### ${headingOf(scenario, samples)}\n`, ...tablesOf(scenario, samples).map(markdownOf)].join('\n');
}

function markdownOf([head = [], ...rows]: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = `|${head.map((_, column) => (column === 0 || column === 4 ? '---' : '--:')).join('|')}|`;
  return `${[line(head), rule, ...rows.map(line)].join('\n')}\n`;
}
