/** The configuration as decisions read it: validated and with defaults filled in (design §3). */

export interface LabelSelectorRequirement {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values: readonly string[]
}

/** A Kubernetes label selector with `matchLabels` written out as `In` requirements. All must hold. */
export type LabelSelector = readonly LabelSelectorRequirement[]

/** Which namespaces may have a credential: by globs on their name (`*` = any run of characters) or by label. */
export type NamespaceRule =
  | { readonly by: 'name', readonly patterns: readonly string[] }
  | { readonly by: 'label', readonly selector: LabelSelector }

export interface SourceReference {
  readonly name: string
  /** Absent: Pullpass's own namespace. */
  readonly namespace?: string
}

export interface CredentialRule {
  /** Name of the copies, a DNS subdomain of at most 63 characters. */
  readonly name: string
  /** `none`: somebody else makes the Secret in each namespace; `registries` are its keys. */
  readonly source: SourceReference | 'none'
  /** The slice of the source that is offered; absent: all of it. */
  readonly registries?: readonly string[]
  readonly namespaces: NamespaceRule
  readonly targets: readonly string[]
  readonly companions: readonly string[]
  readonly serviceAccounts: readonly string[]
  readonly adopt: boolean
  readonly verify: ReadonlyArray<{ readonly host: string, readonly image: string, readonly tls: boolean }>
  readonly retired: boolean
}

export interface InjectionSettings {
  readonly pods: boolean
  readonly workflows: boolean
  readonly workflowTemplateRef: boolean
  /** Empty: Argo's workflowDefaults set no account. */
  readonly workflowDefaultServiceAccount: string
  readonly argoReadsSecrets: boolean
  readonly namespaceSecrets: boolean
  readonly missingCopy: 'inject' | 'gate' | 'skip'
  readonly gateTimeoutSeconds: number
  readonly serviceAccountWaitSeconds: number
}

export interface ImagePullerRule {
  readonly project: string
  readonly from: ReadonlyArray<{ readonly namespace: string, readonly serviceAccount?: string }>
}

export interface PullpassConfiguration {
  readonly credentials: readonly CredentialRule[]
  readonly injection: InjectionSettings
  readonly platform: 'auto' | 'openshift' | 'kubernetes'
  readonly internalRegistries: readonly string[]
  readonly imagePullers: readonly ImagePullerRule[]
  readonly retention: { readonly optedOutSeconds: number, readonly sourceGoneSeconds: number }
}
