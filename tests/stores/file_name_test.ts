/** The names of tables' files. */
import { assert, assertEquals } from "@std/assert";
import {
  fileNameOf,
  filePrefixOf,
  isTableFile,
  nameOfFile,
} from "../../stores/table_file/file_name.ts";

Deno.test("fileNameOf() leaves plain names as they are, and escapes the rest", () => {
  const names: Record<string, string> = {
    "fijiquakes": "fijiquakes.arrows",
    "air-quality_2.b": "air-quality_2.b.arrows",
    "Sales 2024": "%53ales%202024.arrows",
    "a/b": "a%2fb.arrows",
    "größe": "gr%c3%b6%c3%9fe.arrows",
    ".": "%2e.arrows",
    "..": "%2e..arrows",
    "a%2fb": "a%252fb.arrows",
    "nul": "nul%.arrows",
    "com1.x": "com1.x%.arrows",
    "null": "null.arrows",
    "\0": "%00.arrows",
  };
  for (const [name, fileName] of Object.entries(names)) {
    assertEquals(fileNameOf(name), fileName);
    assertEquals(nameOfFile(fileName), name);
  }
});

Deno.test("fileNameOf() gives each name a file of its own, with a name of any length", () => {
  const names = ["x".repeat(120), "x".repeat(121), "x".repeat(122), "Ö".repeat(8192)];
  const fileNames = names.map(fileNameOf);
  assertEquals(new Set(fileNames).size, names.length);
  for (const fileName of fileNames) {
    assert(fileName.length <= 140 && isTableFile(fileName), fileName);
    // An escape stands whole or not at all.
    assert(/^([a-z0-9_.-]|%[0-9a-f]{2}|%-)+$/.test(fileName), fileName);
  }
  assertEquals(fileNames.map(nameOfFile), [names[0], undefined, undefined, undefined]);
});

Deno.test("filePrefixOf() begins the names of all files whose tables begin so", () => {
  for (const name of ["plain", ".dot", "Ö".repeat(300), "nul", "x".repeat(500)]) {
    for (let end = 0; end <= name.length; end++) {
      const prefix = filePrefixOf(name.slice(0, end));
      assert(fileNameOf(name).startsWith(prefix), `${name}, ${prefix}`);
    }
  }
});

Deno.test("nameOfFile() gives none for files that no table is kept in", () => {
  const others = [
    "Quakes.arrows",
    "a b.arrows",
    "%2.arrows",
    "%ff.arrows",
    "a%2Fb.arrows",
  ];
  for (
    const other of [...others, "nul.arrows", "a.arrow", ".tinyflight", ".x.arrows"]
  ) {
    assertEquals(nameOfFile(other), undefined, other);
  }
});
