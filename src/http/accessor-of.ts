/** An accessor as the prototypes of an object have it, to build on. */
export function accessorOf(target: object, name: string): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(target, name) ?? accessorOf(Object.getPrototypeOf(target), name);
}
