// Two hundred manifests through their whole life: created, read in every form, compared, applied by both ways, deleted.

import { makeManifests } from "../manifests.ts";
import { line, refused, type Script } from "../script.ts";

export interface KubectlScriptOptions {
  /** Nobody else's; cluster-wide objects begin with it. */
  readonly namespace: string;
  readonly seed: number;
}

const COUNT = 200;

export function manifestsScript({ namespace, seed }: KubectlScriptOptions): Script {
  return {
    name: "manifests",
    files: makeManifests({ namespace, seed, count: COUNT }),
    steps: [
      line(`kubectl create namespace ${namespace}`, /created/),
      line(`kubectl config set-context --current --namespace=${namespace} >context.log`),
      // Where controllers run, one of them makes it.
      line("kubectl create serviceaccount default", /created/),
      line("kubectl create -f manifests --dry-run=server -o name | wc -l", new RegExp(`^${COUNT}$`, "m")),
      line("kubectl create -f manifests", /created/),
      refused("kubectl create -f manifests", /AlreadyExists/),
      line("kubectl get -f manifests -o name | wc -l", new RegExp(`^${COUNT}$`, "m")),
      line("kubectl get -f manifests -o yaml"),
      line("kubectl get -f manifests"),
      line("kubectl get -f manifests -o wide --show-labels"),
      // Nothing differs but the annotation that apply leaves, which the comparison does not look at.
      line("kubectl diff -f manifests"),
      line("kubectl apply -f manifests", /configured/),
      // Where a file says a value in another way than the server, apply sends it each time.
      line("kubectl apply -f manifests | sort | uniq -c | grep -v unchanged", /configured/),
      line("kubectl diff -f manifests"),
      line("kubectl apply view-last-applied -f manifests -o yaml"),
      refused("kubectl apply --server-side -f manifests --field-manager=other", /conflict/),
      // What the client had applied is taken over; what it had created only is not.
      refused("kubectl apply --server-side -f manifests", /conflict with "kubectl-create"/),
      line("kubectl get -f manifests -o yaml --show-managed-fields | grep -E 'manager:|operation:|subresource:'"),
      line("kubectl apply --server-side -f manifests --field-manager=other --force-conflicts", /serverside-applied/),
      line("kubectl diff --server-side -f manifests --field-manager=other"),
      line("kubectl label -f manifests example.com/all=yes --overwrite", /labeled/),
      line("kubectl annotate -f manifests example.com/all='a b' --overwrite", /annotated/),
      line("kubectl get cm,pods,deploy,cronjobs -l 'example.com/all=yes,app!=web' --show-labels", /app=store/),
      // Pods and jobs take no other template, and say so; upstream shows its own structures with it.
      line(
        "kubectl replace -f manifests 2>replace.log; grep -o 'error when replacing.*is invalid: [[][a-zA-Z.]*' replace.log",
        /replaced/,
        /is invalid: \[spec/,
      ),
      line("kubectl describe -f manifests"),
      line("kubectl delete -f manifests --wait=false", /deleted/),
    ],
  };
}
