// The formats of strings that are checked. A format that is not listed here says something to people only.

import { tableOf } from "@atoll/base/table-of";

const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const DURATION = /^(\d+(\.\d+)?\s*(ns|us|µs|ms|s|m|h|d|w)\s*)+$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const MAC = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;
/** As upstream has it: a name of one label has no dash but after its first character, and the last of several labels has letters alone. */
const HOSTNAME =
  /^(?:[0-9\p{S}\p{L}]-?[0-9\p{S}\p{L}]{0,62}|(?:[0-9\p{S}\p{L}](?:[-0-9\p{S}\p{L}]{0,61}[0-9\p{S}\p{L}])?\.)+\p{L}{2,63})$/u;
const EMAIL = /^[^\s@<>]+@[^\s@<>]+$/;
const HOSTNAME_LENGTH_MAX = 255;

const CHECKS: Readonly<Record<string, (text: string) => boolean>> = tableOf({
  byte: (text) => BASE64.test(text),
  cidr: isCidr,
  date: (text) => DATE.test(text) && !Number.isNaN(Date.parse(text)),
  "date-time": isDateTime,
  datetime: isDateTime,
  duration: (text) => DURATION.test(text),
  email: (text) => EMAIL.test(text),
  hostname: (text) => text.length <= HOSTNAME_LENGTH_MAX && HOSTNAME.test(text),
  ipv4: (text) => IPV4.test(text),
  ipv6: isIpv6,
  mac: (text) => MAC.test(text),
  uri: (text) => URL.canParse(text) || text.startsWith("/"),
  uuid: (text) => UUID.test(text),
});

/** Numbers' formats say how large they may get. */
const NUMBER_FORMATS: readonly string[] = ["int32", "int64", "float", "double"];

export function isKnownFormat(format: string | undefined): boolean {
  return format !== undefined && (format in CHECKS || NUMBER_FORMATS.includes(format));
}

export function fitsFormat(format: string, text: string): boolean {
  return CHECKS[format]?.(text) ?? true;
}

function isDateTime(text: string): boolean {
  return DATE_TIME.test(text) && !Number.isNaN(Date.parse(text.toUpperCase()));
}

function isIpv6(text: string): boolean {
  return text.includes(":") && /^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`);
}

function isCidr(text: string): boolean {
  const [address = "", length = "", ...more] = text.split("/");
  if (more.length > 0 || !/^\d{1,3}$/.test(length)) return false;
  if (IPV4.test(address)) return Number(length) <= 32;
  return isIpv6(address) && Number(length) <= 128;
}
