import type { FuzzTarget } from "../target.ts";
import { bodies } from "./bodies.ts";
import { cel } from "./cel.ts";
import { headers } from "./headers.ts";
import { patches } from "./patches.ts";
import { paths } from "./paths.ts";
import { protobuf } from "./protobuf.ts";
import { selectors } from "./selectors.ts";
import { spdy } from "./spdy.ts";
import { watches } from "./watches.ts";

export const TARGETS: readonly FuzzTarget[] = [
  bodies,
  patches,
  selectors,
  paths,
  headers,
  watches,
  cel,
  protobuf,
  spdy,
];
