import type { CredentialRule, LabelSelector, LabelSelectorRequirement, PullpassConfiguration } from './configuration.ts'
import { matchGlob } from './glob.ts'
import type { Labels } from './kubernetes.ts'

/** Whether a namespace may have a credential; `unknown` where labels decide and have not been seen. */
export type Offer = 'offered' | 'not_offered' | 'unknown'

/** Asks one credential's `namespaces` rule. Whether the namespace opted in is asked elsewhere. */
export function isOffered (rule: CredentialRule, namespace: string, labels: Labels | undefined): Offer {
  if (rule.retired) return 'not_offered'
  if (rule.namespaces.by === 'name') {
    return rule.namespaces.patterns.some((pattern) => matchName(pattern, namespace)) ? 'offered' : 'not_offered'
  }
  if (labels === undefined) return 'unknown'
  return matchesSelector(rule.namespaces.selector, labels) ? 'offered' : 'not_offered'
}

/** `*` stands for any run of characters; all else is literal. */
export function matchName (pattern: string, name: string): boolean {
  return matchGlob(pattern.replace(/[?[]/g, ' '), name)
}

/** A Kubernetes label selector: all requirements hold; an empty one admits everything. */
export function matchesSelector (selector: LabelSelector, labels: Labels): boolean {
  return selector.every((requirement) => meets(requirement, labels.get(requirement.key)))
}

function meets ({ operator, values }: LabelSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value)
    case 'NotIn': return value === undefined || !values.includes(value)
    case 'Exists': return value !== undefined
    case 'DoesNotExist': return value === undefined
  }
}

/** The credentials that a namespace may have, in configured order, and those that wait for its labels. */
export interface Selection {
  readonly offered: readonly CredentialRule[]
  readonly unknown: readonly CredentialRule[]
}

/** Selects for one namespace. */
export function selectCredentials (
  configuration: PullpassConfiguration,
  namespace: string,
  labels: Labels | undefined
): Selection {
  const offers = configuration.credentials.map((rule) => ({ rule, offer: isOffered(rule, namespace, labels) }))
  return {
    offered: offers.filter(({ offer }) => offer === 'offered').map(({ rule }) => rule),
    unknown: offers.filter(({ offer }) => offer === 'unknown').map(({ rule }) => rule)
  }
}
