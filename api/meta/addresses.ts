// IP addresses and blocks of them, as text.

export type AddressFamily = "IPv4" | "IPv6";

/** Lists of addresses may be long, so that this is asked often: one look, and nothing is made. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

export function addressFamily(text: string): AddressFamily | undefined {
  if (IPV4.test(text)) return "IPv4";
  return text.includes(":") && !text.includes("%") && URL.canParse(`http://[${text}]/`) ? "IPv6" : undefined;
}

const ADDRESS_TEXT = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const BLOCK_TEXT = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/** Forms that some readers take for another address than others do are refused. */
export function checkAddress(text: string): string[] {
  const family = addressFamily(text);
  if (family) return isMapped(text) ? ["must not be an IPv4-mapped IPv6 address"] : [];
  return [addressFamily(withoutLeadingZeros(text)) ? "must not have leading 0s" : ADDRESS_TEXT];
}

/** As `checkAddress`, of an address that stands for a name: it is written in one way only. */
export function checkCanonicalAddress(text: string): string[] {
  const texts = checkAddress(text);
  const canonical = canonicalAddress(text);
  return texts.length > 0 || canonical === text ? texts : [`must be in canonical form ("${canonical}")`];
}

/** An IPv4 address in the clothes of the other family. */
function isMapped(text: string): boolean {
  return addressFamily(text) === "IPv6" && canonicalAddress(text).startsWith("::ffff:");
}

/** Once octal, now often decimal: nobody knows which is meant. */
function withoutLeadingZeros(text: string): string {
  return text.includes(":") ? text : text.replaceAll(/\b0+(?=\d)/g, "");
}

const UNREACHABLE = [
  { blocks: ["127.0.0.0/8", "::1/128"], range: "the loopback range" },
  { blocks: ["169.254.0.0/16", "fe80::/10"], range: "the link-local range" },
  { blocks: ["224.0.0.0/24", "ff02::/10"], range: "the link-local multicast range" },
].map(({ blocks, range }) => ({
  prefixes: blocks.map((block) => ({ family: blockFamily(block), bits: prefixOf(block) })),
  reason: `may not be in ${range} (${blocks.join(", ")})`,
}));

/** Where a service's traffic may not be sent: a host would take it for itself. */
export function checkEndpointAddress(text: string): string[] {
  // How it is written is somebody else's question.
  const address = withoutLeadingZeros(text);
  const family = addressFamily(address);
  if (!family) return ["must be a valid IP address"];
  if (address === "0.0.0.0" || canonicalAddress(address) === "::") return [`may not be unspecified (${text})`];
  const bits = bitsOf(address, family);
  const isWithin = (prefix: { readonly family: AddressFamily | undefined; readonly bits: string }) =>
    prefix.family === family && bits.startsWith(prefix.bits);
  return UNREACHABLE.filter(({ prefixes }) => prefixes.some(isWithin)).map(({ reason }) => reason);
}

/** The one way to write the address; the text itself where it is none. */
export function canonicalAddress(text: string): string {
  return addressFamily(text) === "IPv6" ? new URL(`http://[${text}]/`).hostname.slice(1, -1) : text;
}

/** Undefined: not "address/length". */
export function blockFamily(text: string): AddressFamily | undefined {
  const [address = "", length = "", ...rest] = text.split("/");
  const family = addressFamily(address);
  if (!family || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  return Number(length) <= (family === "IPv4" ? 32 : 128) ? family : undefined;
}

/** The one way to write the block; the text itself where it is none. */
export function canonicalBlock(text: string): string {
  const [address = "", length = ""] = text.split("/");
  return blockFamily(text) ? `${canonicalAddress(address)}/${length}` : text;
}

/** As `checkAddress`; bits behind the prefix could be meant for an address. */
export function checkBlock(text: string): string[] {
  if (!blockFamily(text)) {
    const isPadded = blockFamily(withoutLeadingZeros(text)) !== undefined;
    return [isPadded ? "must not have leading 0s in IP or prefix length" : BLOCK_TEXT];
  }
  if (isMapped(text.split("/")[0] ?? "")) return ["must not have an IPv4-mapped IPv6 address"];
  return isNetworkAddress(text) ? [] : ["must not have bits set beyond the prefix length"];
}

/** Whether all bits behind the prefix are zero. */
function isNetworkAddress(text: string): boolean {
  const [address = "", length = ""] = text.split("/");
  return !bitsOf(address, addressFamily(address)).slice(Number(length)).includes("1");
}

/** Whether the second block lies within the first; both are valid. */
export function containsBlock(outer: string, inner: string): boolean {
  return blockFamily(outer) === blockFamily(inner) && prefixOf(inner).startsWith(prefixOf(outer));
}

/** The bits of a block that are the same for all addresses in it. */
function prefixOf(block: string): string {
  const [address = "", length = ""] = block.split("/");
  return bitsOf(address, addressFamily(address)).slice(0, Number(length));
}

function bitsOf(address: string, family: AddressFamily | undefined): string {
  return family === "IPv4" ? bitsOfIpv4(address) : bitsOfIpv6(address);
}

function bitsOfIpv4(address: string): string {
  return address
    .split(".")
    .map((octet) => Number(octet).toString(2).padStart(8, "0"))
    .join("");
}

function bitsOfIpv6(address: string): string {
  const [head = "", tail] = canonicalAddress(address).split("::");
  const groupsOf = (text: string) => (text === "" ? [] : text.split(":"));
  const front = groupsOf(head);
  const back = groupsOf(tail ?? "");
  const middle = tail === undefined ? [] : new Array<string>(8 - front.length - back.length).fill("0");
  return [...front, ...middle, ...back]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0"))
    .join("");
}
