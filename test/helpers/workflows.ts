/** Workflows read as the programs read them, with the YAML package. */
import { parse } from 'yaml'
import type { PullScope } from '../../src/core/pull-scope.ts'
import { workflows } from '../../src/kinds/workflow.ts'
import type { ReadContext } from '../../src/kinds/workload-kind.ts'

export function parseYaml (text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' })
  } catch {
    return undefined
  }
}

/** The scope of a Workflow. */
export function readWorkflow (
  object: Record<string, unknown>,
  changes: Partial<ReadContext> = {}
): PullScope | undefined {
  const workflow = workflows.find(({ kind }) => kind === 'Workflow')
  return workflow?.readScope(object, { workflowDefaultServiceAccount: '', parseYaml, ...changes })
}
