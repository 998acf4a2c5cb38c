/** Marks what has the members, itself or by its prototype. */
const kHung = Symbol('pipebody.hung');

/** Whether a request or response has the members. */
export function hasMembers(message: object): boolean {
  return kHung in message;
}

/** Whether the members hang on this very object. */
export function hasOwnMembers(prototype: object): boolean {
  return Object.hasOwn(prototype, kHung);
}

export function markMembers(prototype: object): void {
  Object.defineProperty(prototype, kHung, { value: true });
}
