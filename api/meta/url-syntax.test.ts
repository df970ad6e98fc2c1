import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUrl } from "./url-syntax.ts";

test("takes URLs apart", () => {
  assert.deepEqual(parseUrl("HTTPS://u:p@h:1/a?b=c#d"), {
    ...{ scheme: "https", user: "u:p", host: "h:1", query: "b=c", fragment: "d" },
  });
  assert.deepEqual(parseUrl("a/b"), { scheme: "", user: undefined, host: "", query: "", fragment: "" });
  assert.deepEqual(parseUrl("https:x"), { scheme: "https", user: undefined, host: "", query: "", fragment: "" });
});

test("says what is wrong with what is none", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["::/0", 'parse "::/0": missing protocol scheme'],
    ["10.0.0.1:80", 'parse "10.0.0.1:80": first path segment in URL cannot contain colon'],
    ["https://h:x", 'parse "https://h:x": invalid port ":x" after host'],
    ["https://[::1", `parse "https://[::1": missing ']' in host`],
    ["https://a b", 'parse "https://a b": invalid character " " in host name'],
    ["https://h/%zz", 'parse "https://h/%zz": invalid URL escape "%zz"'],
    ["https://h/\n", 'parse "https://h/\\n": net/url: invalid control character in URL'],
  ];
  for (const [text, error] of cases) assert.deepEqual(parseUrl(text), { error });
});
