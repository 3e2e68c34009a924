import { describe, expect, it } from "@jest/globals";
import { createPersonLinks } from "../../src/domain/person-link.js";
import { createRandom } from "../helpers/random.js";

const into = (surviving: string, disputed = false) => ({ surviving, disputed, since: 0 });

describe("links between records", () => {
  it("are followed to the record that is read, with all that were merged into it", () => {
    const links = createPersonLinks();
    expect(links.set("a", into("b"))).toEqual([{ id: "a", from: "a", to: "b" }]);
    expect(links.recordsOf("a")).toEqual(["b", "a"]);
    expect(links.set("b", into("c"))).toEqual([
      { id: "b", from: "b", to: "c" },
      { id: "a", from: "b", to: "c" },
    ]);
    for (const id of ["a", "b", "c"]) expect(links.recordsOf(id)).toEqual(["c", "a", "b"]);
    expect(links.recordsOf("d")).toEqual(["d"]);
  });

  it("that are taken back leave everything as it was", () => {
    const links = createPersonLinks();
    links.set("a", into("b"));
    links.set("b", into("c"));
    expect(links.set("b", null)).toEqual([
      { id: "b", from: "c", to: "b" },
      { id: "a", from: "c", to: "b" },
    ]);
    expect(links.set("a", null)).toEqual([{ id: "a", from: "b", to: "a" }]);
    for (const id of ["a", "b", "c"]) expect(links.recordsOf(id)).toEqual([id]);
  });

  it("in doubt move nobody", () => {
    const links = createPersonLinks();
    expect(links.set("a", into("b", true))).toEqual([]);
    expect(links.recordsOf("b")).toEqual(["b"]);
    expect(links.set("a", into("b"))).toHaveLength(1);
    expect(links.set("a", into("b", true))).toEqual([{ id: "a", from: "b", to: "a" }]);
  });

  it("in any order, circles too, part all records into people", () => {
    const random = createRandom(17);
    const ids = ["a", "b", "c", "d", "e"];
    const any = (): string => ids[random.below(ids.length)]!;
    const links = createPersonLinks();
    for (let round = 0; round < 500; round += 1) {
      const before = new Map(ids.map((id) => [id, links.resolve(id)]));
      const id = any();
      const moves = links.set(id, random.below(4) === 0 ? null : into(any(), random.below(6) === 0));
      const changed = ids.filter((one) => before.get(one) !== links.resolve(one));
      expect(moves.map((move) => move.id).sort()).toEqual(changed);
      for (const move of moves) expect([move.from, move.to]).toEqual([before.get(move.id), links.resolve(move.id)]);
      for (const one of ids) {
        const own = links.recordsOf(one);
        expect(own).toEqual([links.resolve(one), ...own.slice(1)]);
        expect([...own].sort()).toEqual(ids.filter((other) => links.resolve(other) === own[0]));
      }
    }
  });
});
