import { fieldIndexTooLarge, fieldNestedTooDeep } from './multipart-errors';

/** A value of a form with nested names: a text, or values by index or by name. */
export type FormValue = string | FormValue[] | { [name: string]: FormValue };

/** The fields of a form by their names; without a prototype, because the client chose the names. */
export type FormFields = { [name: string]: FormValue };

export interface NestingLimits {
  /** Brackets in a name at most. */
  readonly depth: number;
  /** Index of an array at most. */
  readonly index: number;
}

/** A step of a nested name: the key of an object, or the index of an array. */
type Step = string | number;

/**
 * Adds a field whose name may be nested, `a[b][0][]`, as append-field (multer) does: a name that comes again makes an
 * array, `[]` always does, digits are indices, and where the shapes disagree an array becomes an object.
 *
 * A name that is no path (`a[b`, `[a]`) is a key as it stands. Too many brackets are a 400, `LIMIT_FIELD_NESTING`; an
 * index beyond the limit is a 400, `LIMIT_FIELD_ARRAY_INDEX`.
 */
export function appendField(fields: FormFields, name: string, value: string, limits: NestingLimits): void {
  const path = parsePath(name, limits);
  let container = fields as Container;
  path.steps.forEach((step, index) => {
    const next = path.steps[index + 1];
    if (next !== undefined) container = descend(container, step, typeof next === 'number');
    else append(container, step, value, path.isArray);
  });
}

type Container = Record<Step, FormValue>;

interface Path {
  readonly steps: Step[];
  /** Whether the name ends with `[]`. */
  readonly isArray: boolean;
}

function parsePath(name: string, limits: NestingLimits): Path {
  const firstEnd = name.indexOf('[');
  const literal = { steps: [name], isArray: false };
  if (firstEnd === -1) return literal;
  let depth = 0;
  for (const character of name) if (character === '[') depth += 1;
  if (depth > limits.depth) throw fieldNestedTooDeep(name, limits.depth);
  if (firstEnd === 0) return literal;
  const steps: Step[] = [name.slice(0, firstEnd)];
  let isArray = false;
  for (let index = firstEnd; index < name.length; ) {
    const end = name.indexOf(']', index);
    if (name[index] !== '[' || end === -1) return literal;
    const key = name.slice(index + 1, end);
    if (key === '') {
      if (end !== name.length - 1) return literal;
      isArray = true;
    } else steps.push(isIndex(key) ? Number(key) : key);
    index = end + 1;
  }
  const tooLarge = steps.some((step) => typeof step === 'number' && step > limits.index);
  if (tooLarge) throw fieldIndexTooLarge(name, limits.index);
  return { steps, isArray };
}

function isIndex(key: string): boolean {
  return /^\d+$/.test(key);
}

/** The object or array under a key, made or changed so that it can take the next step. */
function descend(container: Container, step: Step, isIndexNext: boolean): Container {
  const current = container[step];
  if (typeof current === 'object' && (!Array.isArray(current) || isIndexNext)) return current as Container;
  const made: Container = current === undefined && isIndexNext ? ([] as never) : Object.create(null);
  if (typeof current === 'string') made[''] = current;
  if (Array.isArray(current)) {
    current.forEach((item, index) => {
      made[index] = item;
    });
  }
  container[step] = made as FormValue;
  return made;
}

function append(container: Container, step: Step, value: string, isArray: boolean): void {
  const current = container[step];
  if (current === undefined) container[step] = isArray ? [value] : value;
  else if (Array.isArray(current)) current.push(value);
  else if (typeof current === 'string') container[step] = [current, value];
  else append(current as Container, '', value, false);
}
