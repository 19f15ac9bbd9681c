/** The configuration as it stands in the file, after the schema has checked it and filled in the plain defaults. */

export interface RawSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: ReadonlyArray<{
    readonly key: string
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
    readonly values: readonly string[]
  }>
}

export interface RawCredential {
  readonly name: string
  /** Absent: the Secret of the credential's name. */
  readonly source?: 'none' | { readonly name: string, readonly namespace?: string }
  readonly registries?: readonly string[]
  readonly namespaces: '*' | readonly string[] | { readonly selector: RawSelector }
  readonly targets: readonly string[]
  readonly companions: readonly string[]
  readonly serviceAccounts: readonly string[]
  readonly adopt: boolean
  readonly verify: ReadonlyArray<{ readonly host: string, readonly image: string, readonly tls: boolean }>
  readonly retired: boolean
}

export interface RawImagePuller {
  readonly project: string
  readonly from: ReadonlyArray<{ readonly namespace: string, readonly serviceAccount?: string }>
}

export interface RawConfiguration {
  readonly credentials: readonly RawCredential[]
  readonly injection: {
    readonly pods: boolean
    readonly workflows: boolean
    readonly workflowTemplateRef: boolean
    readonly workflowDefaultServiceAccount: string
    readonly argoReadsSecrets: boolean
    readonly namespaceSecrets: boolean
    readonly missingCopy: 'inject' | 'gate' | 'skip'
    readonly gateTimeout: string
    readonly serviceAccountWait: string
  }
  readonly platform: 'auto' | 'openshift' | 'kubernetes'
  readonly internalRegistries: readonly string[]
  readonly imagePullers: readonly RawImagePuller[]
  readonly retention: { readonly optedOut: string, readonly sourceGone: string }
}
