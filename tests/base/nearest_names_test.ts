/** Names that may have been meant. */
import { assertEquals } from "@std/assert";
import { meantHint, nearestNames } from "../../base/nearest_names.ts";

const LONG = "x".repeat(100);
const NAMES = ["fijiquakes", "airquality", "Fiji", "quakes", LONG];

for (
  const [name, names, near] of [
    ["fijiquake", NAMES, ["fijiquakes"]],
    ["FIJIQUAKES", NAMES, ["fijiquakes"]],
    ["fij", NAMES, ["fijiquakes", "Fiji"]],
    ["fiji", NAMES, ["Fiji", "fijiquakes"]],
    ["penguins", NAMES, []],
    [LONG, NAMES, []],
    ["", NAMES, []],
    ["nope", ["copy", "note", "rope", "hope", "dope"], ["note", "rope", "hope"]],
    ["a", ["b", "ab"], ["ab"]],
    ["ab", ["ac", "ba", "abc"], ["abc"]],
    ["cat", ["bat", "act", "dog"], ["bat", "act"]],
    ["prot", ["port", "part"], ["port"]],
    ["timout", ["timeout", "signal"], ["timeout"]],
  ] as const
) {
  Deno.test(`nearestNames() of "${name.slice(0, 10)}" among ${names.length} are ${near.join(", ") || "none"}`, () => {
    assertEquals(nearestNames(name, names), [...near]);
  });
}

Deno.test("meantHint() tells the names that are near, as they are shown", () => {
  const options = ["port", "part", "host"];
  assertEquals(meantHint("prot", options), 'perhaps you mean "port"');
  assertEquals(
    meantHint("pot", options, (name) => `--${name}`),
    "perhaps you mean --port",
  );
  assertEquals(meantHint("fij", NAMES), 'perhaps you mean "fijiquakes" or "Fiji"');
  assertEquals(meantHint("penguins", NAMES), undefined);
});
