// From the claims of a verified token to a user, as the configuration maps them: by names of claims, or by expressions over all of
// them. Expressions are compiled once, and what is wrong with them refuses the configuration.

import type { JwtIssuerConfiguration, NameMapping } from "@atoll/api/config/authentication";
import { claimValue } from "@atoll/machinery/cel/authentication/claim-values";
import { claimsEnvironment, userEnvironment } from "@atoll/machinery/cel/authentication/environment";
import { BOOL, type CelType } from "@atoll/machinery/cel/check/cel-type";
import type { Environment } from "@atoll/machinery/cel/check/environment";
import { compile, type Program } from "@atoll/machinery/cel/program";
import { CelError, CelList, type CelValue } from "@atoll/machinery/cel/values/values";
import type { JWTPayload } from "jose";
import type { User } from "../../request/request.ts";
import { AUTHENTICATED_GROUP, CREDENTIAL_ID } from "../authenticator.ts";

/** The token is good, and its bearer nobody here; for the operator's log. */
export class UnmappedClaims extends Error {
  override readonly name = "UnmappedClaims";
}

interface Rule {
  readonly program: Program;
  readonly expression: string;
  readonly message: string;
}

/** Undefined: the claims say nothing of it. */
type Mapping<T> = (claims: JWTPayload, values: CelValue) => T | undefined;

export class ClaimMapper {
  readonly #requiredClaims: ReadonlyMap<string, string>;
  readonly #username: Mapping<string>;
  readonly #groups: Mapping<readonly string[]>;
  readonly #uid: Mapping<string>;
  readonly #extra: readonly { readonly key: string; readonly read: Mapping<readonly string[]> }[];
  readonly #claimRules: readonly Rule[];
  readonly #userRules: readonly Rule[];

  /** Throws an Error that names the place of each expression that is not sound. */
  constructor(
    configuration: Pick<JwtIssuerConfiguration, "claimMappings" | "claimValidationRules" | "userValidationRules">,
  ) {
    const { claimMappings, claimValidationRules, userValidationRules } = configuration;
    const { username, groups, uid, extra } = claimMappings;
    const faults: string[] = [];
    const compiler = new ExpressionCompiler(faults);
    this.#requiredClaims = new Map(
      claimValidationRules.flatMap(({ claim, requiredValue = "" }) =>
        claim === undefined ? [] : [[claim, requiredValue]],
      ),
    );
    this.#username = nameReader(username, compiler.mapping(username.expression, "claimMappings.username.expression"));
    this.#groups = groupsReader(groups, compiler.mapping(groups?.expression, "claimMappings.groups.expression"));
    this.#uid = uidReader(uid?.claim, compiler.mapping(uid?.expression, "claimMappings.uid.expression"));
    this.#extra = extra.map(({ key, valueExpression }, index) => {
      const program = compiler.mapping(valueExpression, `claimMappings.extra[${index}].valueExpression`);
      return { key, read: (_claims, values) => program && madeTexts(run(program, { claims: values })) };
    });
    this.#claimRules = compiler.rules(claimValidationRules, "claimValidationRules", claimsEnvironment);
    this.#userRules = compiler.rules(userValidationRules, "userValidationRules", userEnvironment);
    if (compiler.usesClaim("email", ["claimMappings.username.expression"]) && !compiler.usesClaim("email_verified")) {
      faults.push(
        "claimMappings.username.expression: claims.email_verified must be used in an expression when claims.email is used here",
      );
    }
    if (faults.length > 0) throw new Error(faults.join("\n"));
  }

  /** Throws UnmappedClaims. */
  userOf(claims: JWTPayload): User {
    const values = claimValue(claims);
    const name = this.#username(claims, values);
    if (!name) throw new UnmappedClaims("The claims name no user");
    const groups = this.#groups(claims, values) ?? [];
    const uid = this.#uid(claims, values);
    const extra: Record<string, readonly string[]> = claims.jti ? { [CREDENTIAL_ID]: [`JTI=${claims.jti}`] } : {};
    for (const { key, read } of this.#extra) {
      const found = read(claims, values);
      if (found && found.length > 0) extra[key] = found;
    }
    for (const [claim, value] of this.#requiredClaims) {
      if (claims[claim] !== value) throw new UnmappedClaims(`The claim "${claim}" is not "${value}"`);
    }
    hold(this.#claimRules, { claims: values });
    hold(this.#userRules, { user: claimValue({ username: name, uid: uid ?? "", groups, extra }) });
    return {
      name,
      groups: [...groups, AUTHENTICATED_GROUP],
      ...(uid === undefined ? {} : { uid }),
      ...(Object.keys(extra).length > 0 ? { extra } : {}),
    };
  }
}

class ExpressionCompiler {
  readonly #faults: string[];
  readonly #programs = new Map<string, Program>();

  constructor(faults: string[]) {
    this.#faults = faults;
  }

  mapping(text: string | undefined, place: string): Program | undefined {
    return text === undefined ? undefined : this.#compile(text, place, { environment: claimsEnvironment });
  }

  rules(
    rules: readonly { readonly expression?: string | undefined; readonly message?: string | undefined }[],
    place: string,
    environment: Environment,
  ): Rule[] {
    return rules.flatMap(({ expression, message = "" }, index) => {
      if (expression === undefined) return [];
      const options = { environment, results: [BOOL] };
      const program = this.#compile(expression, `${place}[${index}].expression`, options);
      return program ? [{ program, expression, message }] : [];
    });
  }

  /** Whether an expression, one of those at these places, speaks of the claim. */
  usesClaim(claim: string, places: Iterable<string> = this.#programs.keys()): boolean {
    return [...places].some((place) => this.#programs.get(place)?.selects("claims", claim));
  }

  #compile(
    text: string,
    place: string,
    { environment, results }: { readonly environment: Environment; readonly results?: readonly CelType[] },
  ): Program | undefined {
    const compiled = compile(text, environment, results ? { results } : {});
    if ("error" in compiled) {
      this.#faults.push(`${place}: ${compiled.error}`);
      return undefined;
    }
    this.#programs.set(place, compiled.program);
    return compiled.program;
  }
}

function nameReader({ claim, prefix = "" }: NameMapping, program: Program | undefined): Mapping<string> {
  if (claim === undefined) return (_claims, values) => program && textOf(run(program, { claims: values }));
  return (claims) => {
    const name = claims[claim];
    if (typeof name !== "string" || name === "") return undefined;
    // An address that its owner has not confirmed may be anybody's.
    if (claim === "email" && claims.email_verified !== undefined && claims.email_verified !== true) return undefined;
    return `${prefix}${name}`;
  };
}

function groupsReader(mapping: NameMapping | undefined, program: Program | undefined): Mapping<readonly string[]> {
  if (mapping?.claim === undefined) return (_claims, values) => program && madeTexts(run(program, { claims: values }));
  const { claim, prefix = "" } = mapping;
  return (claims) => textsOf(claimValue(claims[claim])).map((group) => `${prefix}${group}`);
}

function uidReader(claim: string | undefined, program: Program | undefined): Mapping<string> {
  if (claim === undefined) return (_claims, values) => program && textOf(run(program, { claims: values }));
  return (claims) => textOf(claimValue(claims[claim]));
}

function hold(rules: readonly Rule[], variables: Readonly<Record<string, CelValue>>): void {
  for (const { program, expression, message } of rules) {
    if (run(program, variables) !== true) throw new UnmappedClaims(`"${expression}" does not hold: ${message}`);
  }
}

function run(program: Program, variables: Readonly<Record<string, CelValue>>): CelValue {
  const { value } = program.run(variables);
  if (value instanceof CelError) throw new UnmappedClaims(`An expression resulted in an error: ${value.message}`);
  return value;
}

function textOf(value: CelValue): string {
  if (typeof value !== "string") throw new UnmappedClaims("What should be a text is none");
  return value;
}

/** One text or a list of them; null is none. */
function textsOf(value: CelValue): string[] {
  if (value === null) return [];
  return (value instanceof CelList ? [...value] : [value]).map(textOf);
}

/** Empty texts are none where an expression makes them. */
function madeTexts(value: CelValue): string[] {
  return textsOf(value).filter((text) => text !== "");
}
