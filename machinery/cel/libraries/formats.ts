// Named formats of strings: format.dns1123Label().validate("x") is empty, or says what is wrong.

import {
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkLabelValue,
  checkQualifiedName,
} from "@atoll/api/meta/names";
import { fitsFormat } from "../../object/structural-schema/formats.ts";
import { declare, type FunctionDeclaration, overload } from "../check/function-declaration.ts";
import { ArrayList, type CelValue, Opaque, Optional } from "../values/values.ts";
import { isRequestUri } from "./urls.ts";

const F = "kubernetes.NamedFormat";

class Format extends Opaque {
  readonly typeName = F;
  readonly name: string;
  /** By which a validation is priced. */
  readonly patternSize: number;
  readonly check: (text: string) => readonly string[];

  constructor(name: string, patternSize: number, check: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.patternSize = patternSize;
    this.check = check;
  }

  equals(other: Opaque): boolean {
    return other instanceof Format && other.name === this.name;
  }
}

/** A name may still get something behind it. */
function asPrefix(check: (text: string) => string[]): (text: string) => string[] {
  return (text) => check(text.length > 1 && text.endsWith("-") ? `${text.slice(0, -2)}a` : text);
}

function byFormat(format: string, complaint: string): (text: string) => string[] {
  return (text) => (fitsFormat(format, text) ? [] : [complaint]);
}

const FORMATS: readonly (readonly [string, Format])[] = [
  ["dns1123Label", new Format("DNS1123Label", 30, checkDns1123Label)],
  ["dns1123Subdomain", new Format("DNS1123Subdomain", 60, checkDns1123Subdomain)],
  ["dns1035Label", new Format("DNS1035Label", 30, checkDns1035Label)],
  ["qualifiedName", new Format("QualifiedName", 60, checkQualifiedName)],
  ["dns1123LabelPrefix", new Format("DNS1123LabelPrefix", 30, asPrefix(checkDns1123Label))],
  ["dns1123SubdomainPrefix", new Format("DNS1123SubdomainPrefix", 60, asPrefix(checkDns1123Subdomain))],
  ["dns1035LabelPrefix", new Format("DNS1035LabelPrefix", 30, asPrefix(checkDns1035Label))],
  ["labelValue", new Format("LabelValue", 40, checkLabelValue)],
  [
    "uri",
    new Format("URI", 1104, (text) =>
      isRequestUri(text) ? [] : [`parse ${JSON.stringify(text)}: invalid URI for request`],
    ),
  ],
  ["uuid", new Format("uuid", 72, byFormat("uuid", "does not match the UUID format"))],
  ["byte", new Format("byte", 84, byFormat("byte", "invalid base64"))],
  ["date", new Format("date", 72, byFormat("date", "invalid date"))],
  ["datetime", new Format("datetime", 72, byFormat("datetime", "invalid datetime"))],
];

const BY_NAME = new Map(FORMATS);

export const NAMED_FORMATS: readonly FunctionDeclaration[] = [
  ...FORMATS.map(([name, format]) =>
    declare(`format.${name}`, [overload(`() -> ${F}`, `format.${name}`, () => format)]),
  ),
  declare("format.named", [
    overload(`(string) -> optional(${F})`, "format-named", (name: string): CelValue => {
      const format = BY_NAME.get(name);
      return format ? new Optional(format) : Optional.none;
    }),
  ]),
  declare("validate", [
    overload(`${F}.(string) -> optional(list(string))`, "format-validate", (format: Format, text: string): CelValue => {
      const complaints = format.check(text);
      return complaints.length === 0 ? Optional.none : new Optional(new ArrayList(complaints));
    }),
  ]),
];
