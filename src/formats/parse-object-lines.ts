import { type ProtoPoisoning, parseChecked } from './proto-poisoning';

/** Two objects side by side, on one line. */
const neighbours = /\}[ \t\r]*,[ \t\r]*\{/;

/**
 * The values of lines by one call of `JSON.parse`; undefined when some are no objects, or it cannot be told: then each
 * has to be parsed by itself.
 *
 * The lines become the elements of one array. That has a comma for each line feed; so when there are as many elements as
 * lines, all of them objects, and no line has the comma of two neighbours in it, then every line is exactly one of them. No
 * line feed can have been in a string, where JSON knows none.
 */
export function parseObjectLines(text: string, action: ProtoPoisoning): unknown[] | undefined {
  const lines = text.endsWith('\n') ? text.slice(0, -1) : text;
  if (neighbours.test(lines)) return undefined;
  const elements = lines.replaceAll('\n', '\n,');
  const lineCount = elements.length - lines.length + 1;
  try {
    const values = parseChecked(`[${elements}]`, action) as unknown[];
    return values.length === lineCount && values.every(isObject) ? values : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
