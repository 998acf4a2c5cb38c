import type { Settings, Suite } from './settings';

/** One number that is measured of every variant. */
export interface Metric {
  readonly name: string;
  readonly better: 'more' | 'less';
  readonly digits: number;
}

/** One measurement of one variant: a number for each metric, by its name. */
export type Sample = Record<string, number>;

/** `ours` is to be `atLeast` times as good as `rival`, by the metric (default: the scenario's first); or just told. */
export interface Comparison {
  readonly ours: string;
  readonly rival: string;
  readonly atLeast?: number;
  readonly metric?: string;
}

/** A variant's metric is to stay at or below a number. */
export interface Bound {
  readonly variant: string;
  readonly metric: string;
  readonly atMost: number;
}

/** Some ways of doing the same, and how they should compare. */
export interface Scenario {
  readonly suite: Suite;
  readonly name: string;
  readonly metrics: readonly Metric[];
  readonly variants: readonly { readonly name: string }[];
  readonly compare: readonly Comparison[];
  readonly bounds?: readonly Bound[];
  /** Why it cannot run now. */
  readonly skip?: string | undefined;
  /** Makes ready what all measurements share. */
  open(settings: Settings): Promise<Session>;
}

export interface Session {
  measure(variant: string): Promise<Sample>;
  close(): void;
}

/** The samples of every variant, in the order of the rounds. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/**
 * Finds a scenario that a module exports, by its name. So a child process finds the functions that the parent cannot
 * send it.
 */
export function findScenario<Kind extends Scenario>(file: string, name: string): Kind {
  const found = Object.values(require(file) as Record<string, Kind>).find((exported) => exported?.name === name);
  if (found === undefined) throw new Error(`${file} does not export a scenario named "${name}".`);
  return found;
}

export function findVariant<Variant extends { readonly name: string }>(variants: readonly Variant[], name: string) {
  const found = variants.find((variant) => variant.name === name);
  if (found === undefined) throw new Error(`There is no variant "${name}".`);
  return found;
}
