const ours = new WeakSet<object>();

/** Methods that we put on a response itself, so that they are not taken for somebody else's. */
export function markAsOurs(method: object): void {
  ours.add(method);
}

export function isOurs(method: object): boolean {
  return ours.has(method);
}
