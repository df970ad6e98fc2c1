// A page that comes from behind a proxy has links that leave the proxy out. They are put right in the attributes that hold
// addresses; all else stays as it is.

import { tableOf } from "@atoll/base/table-of";

/** Attributes that hold an address, by element. */
const ADDRESS_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = tableOf({
  a: ["href"],
  applet: ["codebase"],
  area: ["href"],
  audio: ["src"],
  base: ["href"],
  blockquote: ["cite"],
  body: ["background"],
  button: ["formaction"],
  command: ["icon"],
  del: ["cite"],
  embed: ["src"],
  form: ["action"],
  frame: ["longdesc", "src"],
  head: ["profile"],
  html: ["manifest"],
  iframe: ["longdesc", "src"],
  img: ["longdesc", "src", "usemap"],
  input: ["formaction", "src", "usemap"],
  ins: ["cite"],
  link: ["href"],
  object: ["classid", "codebase", "data", "usemap"],
  q: ["cite"],
  script: ["src"],
  source: ["src"],
  video: ["poster", "src"],
});

/** One pass over the page, whatever is in it. */
export function rewriteHtml(page: string, rewrite: (address: string) => string): string {
  let result = "";
  let position = 0;
  for (;;) {
    const start = page.indexOf("<", position);
    if (start < 0) return result + page.slice(position);
    const end = page.startsWith("<!--", start) ? endOfComment(page, start) : endOfTag(page, start);
    result += page.slice(position, start) + rewriteTag(page.slice(start, end), rewrite);
    position = end;
  }
}

function endOfComment(page: string, start: number): number {
  const end = page.indexOf("-->", start);
  return end < 0 ? page.length : end + 3;
}

/** Past the ">" that is in no quotes. */
function endOfTag(page: string, start: number): number {
  let quote = "";
  for (let index = start + 1; index < page.length; index++) {
    const character = page[index] ?? "";
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === ">") return index + 1;
  }
  return page.length;
}

function rewriteTag(tag: string, rewrite: (address: string) => string): string {
  const name = /^<([A-Za-z][A-Za-z0-9]*)(?=[\s/>])/.exec(tag)?.[1];
  const attributes = name === undefined ? undefined : ADDRESS_ATTRIBUTES[name.toLowerCase()];
  if (name === undefined || !attributes) return tag;
  const head = tag.slice(0, name.length + 1);
  const rest = tag.slice(head.length);
  return (
    head +
    rest.replaceAll(
      // Names are looked for where one can begin alone: a page may be one long word.
      /(?<=[\s"'/])([^\s"'<>/=]+)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'=<>`]+)/g,
      (whole, attribute: string, equals: string, value: string) => {
        if (!attributes.includes(attribute.toLowerCase())) return whole;
        const quote = value[0] === '"' || value[0] === "'" ? value[0] : "";
        const address = quote === "" ? value : value.slice(1, -1);
        return `${attribute}${equals}${quote}${escapeIn(rewrite(unescapeIn(address)), quote)}${quote}`;
      },
    )
  );
}

function unescapeIn(text: string): string {
  return text.replaceAll("&amp;", "&");
}

function escapeIn(text: string, quote: string): string {
  const escaped = text.replaceAll("&", "&amp;");
  if (quote === '"') return escaped.replaceAll('"', "&#34;");
  return quote === "'" ? escaped.replaceAll("'", "&#39;") : escaped;
}
