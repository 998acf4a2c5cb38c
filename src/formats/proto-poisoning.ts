import { forbiddenKey, noProtoPoisoning } from './errors';

/** As the second argument of `JSON.parse`. */
export type Reviver = (this: unknown, key: string, value: unknown) => unknown;

/** What happens to a key that could change prototypes. */
export type ProtoPoisoning = 'error' | 'remove' | 'ignore';

/** Refuses anything else with a `TypeError`, when a parser is made. */
export function checkProtoPoisoning(value: ProtoPoisoning | undefined): void {
  if (value !== undefined && !['error', 'remove', 'ignore'].includes(value)) throw noProtoPoisoning(value);
}

/** An escape of a letter or of `_`, which no writer of JSON makes: a key may be hidden by it. */
const escapedLetter = /\\u00[567]/;

/** `JSON.parse`, with a look at the keys unless they are to be ignored. */
export function parseChecked(text: string, action: ProtoPoisoning, reviver?: Reviver): unknown {
  return action !== 'ignore' && mayPoison(text) ? parseGuarded(text, action, reviver) : JSON.parse(text, reviver);
}

/**
 * Whether a JSON text may have such a key: both have "proto" in them, and a quote after it. Linear, and for most texts
 * one search; what it lets through wrongly is only parsed more slowly.
 */
function mayPoison(text: string): boolean {
  if (text.includes('proto') && (text.includes('__proto__"') || text.includes('prototype"'))) return true;
  return text.includes('\\u00') && escapedLetter.test(text);
}

/** `JSON.parse` with a look at every key. */
function parseGuarded(text: string, action: 'error' | 'remove', reviver: Reviver | undefined): unknown {
  return JSON.parse(text, function guard(this: unknown, key: string, value: unknown, ...context: []) {
    if (!isPoison(key, value)) return reviver === undefined ? value : reviver.call(this, key, value, ...context);
    if (action === 'error') throw forbiddenKey(key);
    return undefined;
  });
}

function isPoison(key: string, value: unknown): boolean {
  if (key === '__proto__') return true;
  return key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}
