import type { Command } from 'commander'

/** Where a command takes its facts from, as commander gives it. */
export interface FactFlags {
  readonly manifests?: string
  readonly config?: string
  /** Absent: the pod's own, else the standard one. */
  readonly ownNamespace?: string
}

/** The namespace of what names none, where `-n` does not say. */
export const standardNamespace = 'default'

/** Adds the options that say where the facts come from. */
export function addFactOptions (command: Command): Command {
  return command
    .option('--manifests <dir>', 'folder or file of YAML with the configuration, Namespaces, ServiceAccounts, Secrets')
    .option('--config <file>', 'configuration file, instead of the one in the folder')
    .option('--own-namespace <name>', 'namespace of the source Secrets (default: that of the pod, else "pullpass")')
}

/** Adds `-n`. It has no default of its own, so that a command can tell whether it was given. */
export function addNamespaceOption (command: Command, of: string): Command {
  return command.option('-n, --namespace <name>', `namespace of ${of} (default: "${standardNamespace}")`)
}

/** Gathers the values of an option that may be repeated. */
export function collect (value: string, previous: readonly string[]): string[] {
  return [...previous, value]
}
