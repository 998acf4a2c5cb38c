/** An accessor as the prototypes of an object have it, to build on. */
export function accessorOf(target: object | null, name: string): PropertyDescriptor {
  if (target === null) return {};
  return Object.getOwnPropertyDescriptor(target, name) ?? accessorOf(Object.getPrototypeOf(target), name);
}
