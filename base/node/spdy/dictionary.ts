// The dictionary that both ends of SPDY/3 give to zlib before the first header block (draft-mbelshe-httpbis-spdy-00, section
// 2.6.10.1): words with their length in front, then texts without. Its Adler-32 is part of every stream's first bytes.

const WORDS = [
  ..."options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges".split(
    " ",
  ),
  ..."age allow authorization cache-control connection content-base content-encoding content-language".split(" "),
  ..."content-length content-location content-md5 content-range content-type date etag expect expires".split(" "),
  ..."from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified".split(" "),
  ..."location max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after".split(" "),
  ..."server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate".split(" "),
  ..."method get status".split(" "),
  "200 OK",
  ..."version HTTP/1.1 url public set-cookie keep-alive origin".split(" "),
];

const TEXT = [
  "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505",
  "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized",
  "403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable",
  "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT",
  "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,",
  "text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.",
].join("");

export const SPDY_DICTIONARY_ADLER32 = 0xe3c6a7c2;

export const SPDY_DICTIONARY: Buffer = Buffer.concat([
  ...WORDS.map((word) => {
    const entry = Buffer.alloc(4 + word.length);
    entry.writeUInt32BE(word.length, 0);
    entry.write(word, 4, "latin1");
    return entry;
  }),
  Buffer.from(TEXT, "latin1"),
]);
