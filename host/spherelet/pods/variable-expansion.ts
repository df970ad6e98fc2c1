// `$(NAME)` in values, commands and arguments. A name that is not known stays as written, `$$` is a single `$` and keeps what
// follows from being read as a reference.

export function expandVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (written, name: string | undefined) => {
    if (name === undefined) return "$";
    return variables.get(name) ?? written;
  });
}
