import type { Metric, Sample } from './scenario';

/** A median and between what it lies. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const median = (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

export function valuesOf(samples: readonly Sample[] | undefined, metric: Metric): number[] {
  return (samples ?? []).map((sample) => sample[metric.name] ?? Number.NaN);
}

/** How many times as good as the rival's: by the medians, and between what it lies round by round. */
export function ratioOf(ours: readonly number[], rivals: readonly number[], better: Metric['better']): Spread {
  const ratio = (our: number, rival: number) => (better === 'more' ? our / rival : rival / our);
  const { min, max } = spreadOf(ours.map((our, round) => ratio(our, rivals[round] ?? Number.NaN)));
  return { median: ratio(spreadOf(ours).median, spreadOf(rivals).median), min, max };
}
