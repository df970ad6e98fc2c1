// Every controller of this folder, once. A new one is added here and nowhere else.

import type { ControllerDefinition } from "@atoll/machinery/controller/controller";
import { bootstrapSigner } from "./bootstrap-signer.ts";
import { bootstrapTokenCleanup } from "./bootstrap-token-cleanup.ts";
import { certificateApproval } from "./certificate-approval.ts";
import { certificateCleanup } from "./certificate-cleanup.ts";
import { type SignCertificate, certificateSigning } from "./certificate-signing.ts";
import { clusterRoleAggregation } from "./cluster-role-aggregation.ts";
import { cronJob } from "./cron-job.ts";
import { customResourceDefinitionApproval } from "./custom-resource-definition-approval.ts";
import { customResourceDefinitionCleanup } from "./custom-resource-definition-cleanup.ts";
import { customResourceDefinitionNames } from "./custom-resource-definition-names.ts";
import { deployment } from "./deployment.ts";
import { endedPods } from "./ended-pods.ts";
import { ephemeralVolume } from "./ephemeral-volume.ts";
import { endpointSlice } from "./endpoint-slice.ts";
import { endpointSliceMirroring } from "./endpoint-slice-mirroring.ts";
import { endpoints } from "./endpoints.ts";
import { type HostSettingsInputs, hostSettings } from "./host-settings.ts";
import { job } from "./job.ts";
import { jobPodRelease } from "./job-pod-release.ts";
import { ipAddressCleanup } from "./ip-address-cleanup.ts";
import { namespaceDeletion } from "./namespace.ts";
import { nodeLifecycle } from "./node-lifecycle.ts";
import { persistentVolume } from "./persistent-volume.ts";
import { attributesClassProtection, claimProtection, volumeProtection } from "./persistent-volume-protection.ts";
import { podCollection } from "./pod-collection.ts";
import { podDisruptionBudget } from "./pod-disruption-budget.ts";
import { policyTypeChecking } from "./policy-type-checking.ts";
import { replicaSet } from "./replicaset.ts";
import { replicationController } from "./replication-controller.ts";
import { rootCa } from "./root-ca.ts";
import { type SecretTokenOptions, serviceAccountTokens } from "./service-account-token.ts";
import { serviceAccount } from "./service-account.ts";
import { serviceAddress } from "./service-address.ts";
import { serviceCidr } from "./service-cidr.ts";
import { staleDisruption } from "./stale-disruption.ts";
import { taintEviction } from "./taint-eviction.ts";
import { ttlAfterFinished } from "./ttl-after-finished.ts";

export interface ControllersOptions {
  /** PEM of the API server's authority, published in every namespace. */
  readonly certificateAuthority: string;
  /** Undefined: somebody else has the authority's key, and signs. */
  readonly signCertificate: SignCertificate | undefined;
  /** Undefined: somebody else has the key of service accounts. */
  readonly issueSecretToken: SecretTokenOptions["issue"] | undefined;
  readonly configuration: HostSettingsInputs;
}

export function allControllers({
  certificateAuthority,
  signCertificate,
  issueSecretToken,
  configuration,
}: ControllersOptions): ControllerDefinition[] {
  return [
    deployment,
    replicaSet,
    replicationController,
    job(),
    jobPodRelease,
    cronJob(),
    podDisruptionBudget,
    staleDisruption,
    ttlAfterFinished,
    namespaceDeletion,
    serviceAccount,
    ...(issueSecretToken ? [serviceAccountTokens({ certificateAuthority, issue: issueSecretToken })] : []),
    rootCa(certificateAuthority),
    nodeLifecycle(),
    hostSettings(configuration),
    policyTypeChecking,
    taintEviction,
    podCollection(),
    endedPods(),
    persistentVolume,
    volumeProtection,
    claimProtection,
    attributesClassProtection,
    ephemeralVolume,
    endpoints(),
    endpointSlice(),
    endpointSliceMirroring,
    serviceCidr,
    serviceAddress,
    ipAddressCleanup,
    clusterRoleAggregation,
    bootstrapSigner,
    bootstrapTokenCleanup,
    certificateApproval,
    ...(signCertificate ? [certificateSigning(signCertificate)] : []),
    certificateCleanup,
    customResourceDefinitionApproval,
    customResourceDefinitionNames,
    customResourceDefinitionCleanup,
  ];
}
