import type { MemberSet } from './member-set';
import { markAsOurs } from './our-methods';

/**
 * Outside of an application a message may yet be handed to one, which then gives it another prototype: what was held, and
 * what was swapped in, must not be left behind. In an application `guardMessages` sees to that, at no cost.
 */
export function keepOnMessage(message: object, members: PropertyDescriptorMap, { kept }: MemberSet): void {
  if ('app' in message) return;
  for (const name of kept) {
    // What others put there leads on to ours.
    if (Object.hasOwn(message, name)) continue;
    const member = members[name as string] as PropertyDescriptor;
    markAsOurs(member.value ?? member.get);
    Object.defineProperty(message, name, { ...member, enumerable: false });
  }
}
