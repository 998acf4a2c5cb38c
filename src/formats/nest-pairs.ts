import { emptyValues, type FormValues } from './form-values';

/** An object, or an array that is filled by its indices. */
type Container = Record<string | number, unknown>;

/** A step of a nested name: the key of an object, or the index of an array. */
type Step = string | number;

/** The steps of `a[b][0]`, or of `a[b][]`, which makes a list of its values. */
interface Path {
  readonly steps: Step[];
  readonly isList: boolean;
}

/**
 * The values of a form whose names have brackets, as qs reads them. Undefined where it takes qs itself: where a name is no
 * plain path, is deeper than `depth`, is a dangerous one, or where shapes disagree or indices have gaps.
 */
export function nestPairs(texts: readonly string[], depth: number): FormValues | undefined {
  const nest = new Nest();
  for (let index = 0; index < texts.length; index += 2) {
    const name = texts[index] as string;
    if (name === '') continue;
    const path = pathOf(name, depth);
    if (path === undefined || !nest.add(path, texts[index + 1] as string)) return undefined;
  }
  return nest.values;
}

class Nest {
  readonly values = emptyValues();
  /** The arrays of values of one name, and whether that ends in `[]`. All other arrays are filled by their indices. */
  readonly #listsOf = new Map<unknown, boolean>();

  /** Adds a value; false where there is something else in its place, or on the way to it. */
  add({ steps, isList }: Path, value: string): boolean {
    let container = this.values as Container;
    const last = steps.length - 1;
    for (let index = 0; index < last; index += 1) {
      const next = this.#descend(container, steps[index] as Step, typeof steps[index + 1] === 'number');
      if (next === undefined) return false;
      container = next;
    }
    return this.#append(container, steps[last] as Step, { value, isList });
  }

  #descend(container: Container, step: Step, isArray: boolean): Container | undefined {
    const existing = container[step];
    if (existing === undefined) {
      if (hasGapAt(container, step)) return undefined;
      const made = (isArray ? [] : emptyValues()) as Container;
      container[step] = made;
      return made;
    }
    const isFine = typeof existing === 'object' && Array.isArray(existing) === isArray && !this.#listsOf.has(existing);
    return isFine ? (existing as Container) : undefined;
  }

  #append(container: Container, step: Step, { value, isList }: { value: string; isList: boolean }): boolean {
    const existing = container[step];
    if (existing === undefined) {
      if (hasGapAt(container, step)) return false;
      container[step] = isList ? this.#list([value], true) : value;
    } else if (typeof existing === 'string') {
      if (isList) return false;
      container[step] = this.#list([existing, value], false);
    } else {
      if (this.#listsOf.get(existing) !== isList) return false;
      (existing as string[]).push(value);
    }
    return true;
  }

  #list(values: string[], isList: boolean): string[] {
    this.#listsOf.set(values, isList);
    return values;
  }
}

function hasGapAt(container: Container, step: Step): boolean {
  return typeof step === 'number' && step > (container as unknown as unknown[]).length;
}

function pathOf(name: string, depth: number): Path | undefined {
  const parentEnd = name.indexOf('[');
  if (parentEnd === -1) return name === '__proto__' ? undefined : { steps: [name], isList: false };
  const steps: Step[] = [name.slice(0, parentEnd)];
  let isList = false;
  let start = parentEnd;
  for (let level = 0; start < name.length; level += 1) {
    const end = name.indexOf(']', start);
    if (level >= depth || isList || name[start] !== '[' || end === -1) return undefined;
    const key = name.slice(start + 1, end);
    if (key === '') isList = true;
    else steps.push(stepOf(key));
    start = end + 1;
  }
  return steps.some(isOdd) ? undefined : { steps, isList };
}

/** A key that begins like another group, and names that qs drops. */
function isOdd(step: Step): boolean {
  return typeof step === 'string' && (step === '' || step === '__proto__' || step.includes('['));
}

/** An index as JavaScript writes it; qs takes `01` for a key. */
function stepOf(key: string): Step {
  const index = Number.parseInt(key, 10);
  return index >= 0 && String(index) === key ? index : key;
}
