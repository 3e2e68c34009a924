import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createDueQueue } from "../../../src/worker/live/due-queue.js";

describe("a queue of what is due", () => {
  it("gives each name once, at its last time, earliest first and by name where times are equal", () => {
    const change = fc.tuple(
      fc.constantFrom("a", "b", "c", "d", "e"),
      fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), fc.integer({ min: 0, max: 10 }), (changes, now) => {
        const queue = createDueQueue();
        const last = new Map<string, number>();
        for (const [name, due] of changes) {
          queue.set(name, due);
          if (due === null) last.delete(name);
          else last.set(name, due);
        }
        const expected = [...last]
          .map(([name, due]) => ({ name, due }))
          .sort((left, right) => left.due - right.due || (left.name < right.name ? -1 : 1));
        expect(queue.first()).toBe(expected[0]?.due ?? null);
        const taken = [];
        for (let next = queue.takeDue(now); next !== null; next = queue.takeDue(now)) taken.push(next);
        expect(taken).toEqual(expected.filter(({ due }) => due <= now));
        expect(queue.first()).toBe(expected[taken.length]?.due ?? null);
      }),
    );
  });

  it("takes a name again after it was taken", () => {
    const queue = createDueQueue();
    queue.set("a", 5);
    expect(queue.takeDue(5)).toEqual({ name: "a", due: 5 });
    queue.set("a", 5);
    expect(queue.takeDue(4)).toBeNull();
    expect(queue.takeDue(6)).toEqual({ name: "a", due: 5 });
  });
});
