import { planAdditions, type PlannedAdditions } from './additions.ts'
import type { InjectionSettings } from './configuration.ts'
import { skip, type Decision } from './decision.ts'
import { triedLogins } from './keyring.ts'
import type { ServiceAccount } from './kubernetes.ts'
import type { OfferedCredentials } from './offered-credentials.ts'
import type { AccountUse, ImageUse, PullScope } from './pull-scope.ts'
import type { ReasonCode } from './reasons.ts'

/** Everything that a decision about one object depends on, beside the object. */
export interface AdmissionFacts {
  readonly offered: OfferedCredentials
  /** An account of the object's namespace; undefined: not known. */
  readonly account: (name: string) => ServiceAccount | undefined
  readonly injection: Pick<InjectionSettings, 'workflowTemplateRef' | 'argoReadsSecrets'>
  /**
   * Whether the account's list would still be inherited by the pods if this list stays empty: true for everything but
   * a Pod at admission, which has inherited by then (semantics D.1).
   */
  readonly inheritsLater: boolean
}

/** Decides what to add to one list. */
export function decide (scope: PullScope, facts: AdmissionFacts): Decision {
  const obstacle = firstObstacle(scope, facts)
  if (obstacle !== undefined) return skip(obstacle)
  return facts.inheritsLater && !scope.hasItems ? decideForEmptyList(scope, facts) : decideForList(scope, facts)
}

function firstObstacle (scope: PullScope, { injection }: AdmissionFacts): ReasonCode | undefined {
  if (scope.optedOut) return 'opted_out'
  if (scope.mirrorPod) return 'mirror_pod'
  if (scope.list === 'malformed') return 'list_malformed'
  if (scope.references.workflowTemplateRef && !injection.workflowTemplateRef) return 'workflow_template_ref'
  return scope.images.length === 0 ? 'no_images' : undefined
}

/** The list stands, whatever an account has: names are appended. */
function decideForList (scope: PullScope, facts: AdmissionFacts): Decision {
  const plan = planAdditions({
    offered: facts.offered,
    listed: new Set(scope.names),
    images: parsedNames(scope.images),
    isAllowed: (name) => knownAccounts(scope, facts).every((account) => allowsName(account, name))
  })
  if (plan.additions.length === 0) return skip(reasonForNothing(plan, facts.offered), plan.leftOut)
  return { action: 'inject', reason: 'images_covered', additions: plan.additions, inherited: [], leftOut: plan.leftOut }
}

/**
 * The list is empty, and filling it takes from the pods what they would have inherited: the names of every account
 * come first. Left alone where that can't be guaranteed or would harm (design §5, Workflow).
 */
function decideForEmptyList (scope: PullScope, facts: AdmissionFacts): Decision {
  const accounts = knownAccounts(scope, facts)
  const inherited = [...new Set(accounts.flatMap(({ imagePullSecrets }) => imagePullSecrets))]
  const plan = planAdditions({
    offered: facts.offered,
    listed: namesOfEvery(accounts, scope.accounts.length),
    listedBySome: new Set(inherited),
    images: parsedNames(scope.images),
    isAllowed: (name) => accounts.every((account) => allowsName(account, name))
  })
  if (plan.additions.length === 0) return skip(reasonForNothing(plan, facts.offered), plan.leftOut)
  const atRisk = inherited.length === 0 && !facts.injection.argoReadsSecrets && isLookupAtRisk(scope, plan)
  const obstacle = inheritanceObstacle(scope, facts, inherited) ?? (atRisk ? 'argo_lookup_at_risk' : undefined)
  if (obstacle !== undefined) return skip(obstacle, plan.leftOut)
  const additions = plan.additions.filter(({ name }) => !inherited.includes(name))
  return { action: 'inject', reason: 'images_covered', additions, inherited, leftOut: plan.leftOut }
}

/** The names that pods get whatever account they run as; none as long as an account is not known. */
function namesOfEvery (accounts: readonly ServiceAccount[], wanted: number): ReadonlySet<string> {
  const [first, ...rest] = accounts
  if (first === undefined || accounts.length < wanted) return new Set()
  const isGivenByRest = (name: string): boolean => rest.every(({ imagePullSecrets }) => imagePullSecrets.includes(name))
  return new Set(first.imagePullSecrets.filter(isGivenByRest))
}

/** What keeps the accounts' lists from being known, or from standing in one list. */
function inheritanceObstacle (
  scope: PullScope,
  facts: AdmissionFacts,
  inherited: readonly string[]
): ReasonCode | undefined {
  if (scope.references.templateRef || scope.references.workflowTemplateRef) return 'template_ref'
  if (scope.accounts.some((account) => 'templated' in account)) return 'account_templated'
  const accounts = knownAccounts(scope, facts)
  if (accounts.length < scope.accounts.length) return 'account_unknown'
  if (hidesHubLogin(scope, accounts, facts.offered)) return 'hides_hub_login'
  return inherited.every((name) => accounts.every((account) => allowsName(account, name))) ? undefined : 'account_restricts_secrets'
}

/** Whether a Docker Hub login that one account gives is hidden once all accounts' names stand in one list. */
function hidesHubLogin (
  scope: PullScope,
  accounts: readonly ServiceAccount[],
  { keyring }: OfferedCredentials
): boolean {
  const lists = accounts.map(({ imagePullSecrets }) => new Set(imagePullSecrets))
  const together = new Set(lists.flatMap((list) => [...list]))
  return parsedNames(scope.images).some((image) => {
    const candidates = keyring.candidates(image)
    const fallsBack = (list: ReadonlySet<string>): boolean =>
      triedLogins(candidates, (name) => list.has(name)).some(({ by, usable }) => by === 'fallback' && usable)
    return lists.some(fallsBack) && !fallsBack(together)
  })
}

/**
 * Argo's controller looks up the entrypoint of every image without a command, with the Workflow's list. If it may not
 * read secrets, a list makes that look-up fail even for a public image (semantics F.4.2).
 *
 * | accounts carry a secret | covered image needs look-up | uncovered one does | at risk |
 * |---|---|---|---|
 * | yes | – | – | no: the look-up reads secrets already |
 * | no | yes | – | no: the look-up must read the secret to succeed at all |
 * | no | no | yes | yes, unless `argoReadsSecrets` |
 * | no | no | no | no |
 */
function isLookupAtRisk (scope: PullScope, { covered }: PlannedAdditions): boolean {
  const lookups = scope.images.filter(({ needsLookup }) => needsLookup)
  const isCovered = ({ reading }: ImageUse): boolean => reading.state === 'parsed' && covered.has(reading.reference.name)
  return lookups.length > 0 && !lookups.some(isCovered)
}

/** Why there is nothing to add: first an image that goes without, then what the list has already. */
function reasonForNothing (plan: PlannedAdditions, offered: OfferedCredentials): ReasonCode {
  const missed = plan.leftOut.find(({ image }) => image !== undefined && !plan.covered.has(image))
  if (missed !== undefined) return missed.reason
  if (plan.covered.size > 0) return 'already_present'
  if (offered.unknown) return 'namespace_unknown'
  return offered.pending ? 'coverage_pending' : 'no_match'
}

function parsedNames (images: readonly ImageUse[]): string[] {
  return images.flatMap(({ reading }) => reading.state === 'parsed' ? [reading.reference.name] : [])
}

function knownAccounts (scope: PullScope, facts: AdmissionFacts): ServiceAccount[] {
  return scope.accounts.flatMap((use: AccountUse) => 'templated' in use ? [] : facts.account(use.name) ?? [])
}

function allowsName (account: ServiceAccount, name: string): boolean {
  return !account.enforcesMountableSecrets || account.imagePullSecrets.includes(name)
}
