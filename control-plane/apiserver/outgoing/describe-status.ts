/** Of an error page this much is shown. */
const SHOWN_CHARACTERS_MAX = 1024;

/** As clients of the API put what a server answers that says nothing of its own. */
export function describeStatus(status: number, body: Uint8Array): string {
  switch (status) {
    case 400:
      return "the server rejected our request for an unknown reason";
    case 401:
      return "the server has asked for the client to provide credentials";
    case 404:
      return "the server could not find the requested resource";
    case 405:
      return "the server does not allow this method on the requested resource";
    case 429:
      return "the server has received too many requests and has asked us to try again later";
    case 503:
      return "the server is currently unable to handle the request";
    case 504:
      return "the server was unable to return a response in the time allotted, but may still be processing the request";
  }
  if (status < 500) return `the server responded with the status code ${status} but did not return more details`;
  const text = Buffer.from(body).toString().trim().slice(0, SHOWN_CHARACTERS_MAX);
  return `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
}
