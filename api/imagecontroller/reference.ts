// Image references as people write them in pods, and the one full form of each. Both sides of the image protocol read them
// here, so that "nginx" in a pod and "docker.io/library/nginx:latest" in an Image are the same thing everywhere.

/** Registry of references that name none, when the configuration says nothing else. */
export const DOCKER_HUB = "docker.io";

const DOCKER_HUB_ALIAS = "index.docker.io";
/** Where Docker Hub keeps the images of one-word names. */
const DOCKER_HUB_LIBRARY = "library/";
const TAG_DEFAULT = "latest";

/** Longest repository with its registry; the distribution specification's limit. */
const NAME_CHARACTERS_MAX = 255;

/** Name, tag and digest together are shorter; what is longer is not worth matching. */
const REFERENCE_CHARACTERS_MAX = 1024;

const REGISTRY =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export interface ImageReference {
  /** With the port, "docker.io", "registry.example.com:5000". */
  readonly registry: string;
  /** "library/nginx" */
  readonly repository: string;
  /** Set when there is no digest. A digest makes a tag beside it meaningless, so the tag is dropped. */
  readonly tag?: string;
  readonly digest?: string;
  /** The full form: registry, repository, and tag or digest. */
  readonly name: string;
}

export type ImageReferenceResult = ImageReference | { readonly error: string };

/** Reads a reference; the error is a sentence for the user of a pod (reason InvalidImageName). */
export function parseImageReference(
  text: string,
  options: { readonly defaultRegistry?: string } = {},
): ImageReferenceResult {
  const failed = (why: string) => ({ error: `couldn't parse image name ${JSON.stringify(text)}: ${why}` });
  if (text === "") return failed("it is empty");
  if (text.length > REFERENCE_CHARACTERS_MAX) return { error: "couldn't parse image name: it is too long" };
  const [rest = "", digest, ...more] = text.split("@");
  if (more.length > 0) return failed("it has more than one '@'");
  if (digest !== undefined && !DIGEST.test(digest)) return failed("invalid digest");
  const { registry, path } = splitRegistry(rest, options.defaultRegistry ?? DOCKER_HUB);
  // A colon after the registry belongs to the tag.
  const colon = path.indexOf(":");
  const tag = colon === -1 ? undefined : path.slice(colon + 1);
  const givenRepository = colon === -1 ? path : path.slice(0, colon);
  if (tag !== undefined && !TAG.test(tag)) return failed("invalid tag");
  if (!REGISTRY.test(registry)) return failed("invalid registry");
  const repository =
    registry === DOCKER_HUB && !givenRepository.includes("/") ? DOCKER_HUB_LIBRARY + givenRepository : givenRepository;
  if (/[A-Z]/.test(repository)) return failed("repository name must be lowercase");
  if (!repository.split("/").every((component) => PATH_COMPONENT.test(component)))
    return failed("invalid repository name");
  if (registry.length + 1 + repository.length > NAME_CHARACTERS_MAX) {
    return failed(`repository name must not be more than ${NAME_CHARACTERS_MAX} characters`);
  }
  const base = `${registry}/${repository}`;
  if (digest !== undefined) return { registry, repository, digest, name: `${base}@${digest}` };
  return { registry, repository, tag: tag ?? TAG_DEFAULT, name: `${base}:${tag ?? TAG_DEFAULT}` };
}

/** The first component is a registry when it could not be a repository's: it has a dot, a port, an upper case letter, or is "localhost". */
function splitRegistry(text: string, defaultRegistry: string): { readonly registry: string; readonly path: string } {
  const slash = text.indexOf("/");
  const first = slash === -1 ? "" : text.slice(0, slash);
  if (first === "localhost" || /[.:A-Z]/.test(first)) {
    return { registry: first === DOCKER_HUB_ALIAS ? DOCKER_HUB : first, path: text.slice(slash + 1) };
  }
  return { registry: defaultRegistry === DOCKER_HUB_ALIAS ? DOCKER_HUB : defaultRegistry, path: text };
}

const READABLE_CHARACTERS_MAX = 40;

/**
 * Name of the Image object for a full reference: some of it for people, and a hash. Two references of one namespace may
 * still meet in one name, so whoever finds an Image by it compares `spec.reference`.
 */
export function imageName(reference: string): string {
  const readable = reference
    .slice(reference.lastIndexOf("/") + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, READABLE_CHARACTERS_MAX)
    .replace(/^-+|-+$/g, "");
  return `${readable || "image"}-${fnv1a64(reference)}`;
}

/** FNV-1a, 64 bits, as 16 hexadecimal digits (http://www.isthe.com/chongo/tech/comp/fnv/). */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(16).padStart(16, "0");
}
