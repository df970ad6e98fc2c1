// helm on a chart of ours through the life of a release: each way that helm asks an API server for something.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { line, refused, type Script } from "../script.ts";

const chart = join(import.meta.dirname, "chart");

function chartFiles(): Record<string, string> {
  const names = readdirSync(chart, { recursive: true, encoding: "utf8" }).map((name) => join(chart, name));
  return Object.fromEntries(
    names
      .filter((path) => statSync(path).isFile())
      .map((path) => [`chart/${relative(chart, path)}`, readFileSync(path, "utf8")]),
  );
}

export function helmScript({ namespace }: { readonly namespace: string }): Script {
  const settings = "kubectl get cm web-settings -o jsonpath='{.data.colour}'";
  return {
    name: "helm",
    files: chartFiles(),
    steps: [
      line("kubectl create namespace $NS && kubectl config set-context --current --namespace=$NS >context.log"),
      line("helm version --short", /^v4\./),
      line("helm lint chart", /0 chart\(s\) failed/),
      line("helm template web chart", /kind: Deployment/),
      refused("helm install web chart --dry-run=server --hide-notes", /ensure CRDs are installed first/),
      line("helm install web chart", /STATUS: deployed/),
      { run: "helm status web", stdout: /STATUS: deployed/, compared: false },
      refused("helm install web chart", /cannot re-use a name that is still in use|cannot reuse/),
      line("helm list", /web\s+\S+\s+1\s+.*deployed\s+sample-1.2.3/),
      line('helm list -A -o json | grep -o \'"name":"web"\' | head -1', /web/),
      line("kubectl get crd gadgets.clients.example.com -o jsonpath='{.spec.names.kind}'", /^Gadget$/),
      line("kubectl get gd", /web +3/),
      line("kubectl explain gadgets.spec.size", /How large the gadget is/),
      line("kubectl get cm,secret,svc,deploy,role,pdb,ing -o name", /configmap\/web-before/),
      line(settings, /^blue$/),
      line("helm get manifest web", /kind: Gadget/),
      line("helm get values web --all", /colour: blue/),
      line("helm get hooks web", /web-after/),
      line("helm get all web", /REVISION: 1/),
      line("helm upgrade web chart --set colour=green", /STATUS: deployed/),
      line(settings, /^green$/),
      line("kubectl get gadget web -o jsonpath='{.spec.colour} {.metadata.generation}'", /^green 2$/),
      line("helm history web", /2\s+.*deployed\s+sample-1.2.3/),
      // The colour is refused by the schema, the size by the rule; nothing of the release may be half done.
      refused("helm upgrade web chart --set colour=purple", /Unsupported value: "purple"/),
      refused("helm upgrade web chart --set colour=red", /red ones are large/),
      line("helm history web | grep -c failed", /^2$/m),
      line("helm rollback web 1", /Rollback was a success/),
      line(settings, /^blue$/),
      line(
        "helm upgrade web chart --reuse-values --set replicas=0 --server-side=true --force-conflicts",
        /STATUS: deployed/,
      ),
      line("helm upgrade web chart --server-side=false --set colour=green --wait --timeout 20s", /STATUS: deployed/),
      line(settings, /^green$/),
      line('kubectl patch cm web-settings -p \'{"data":{"colour":"drifted"}}\'', /patched/),
      line("helm upgrade web chart --set colour=blue --server-side=true --force-conflicts", /STATUS: deployed/),
      line(settings, /^blue$/),
      line(
        "kubectl get cm web-settings -o yaml --show-managed-fields | grep -E 'manager: helm|operation:' | sort | uniq",
        /manager: helm/,
      ),
      line("helm test web", /Phase: +Succeeded/),
      line("helm get notes web 2>&1; true"),
      line(
        "helm install other chart --generate-name=false --set hooks=false --no-hooks --description told",
        /STATUS: deployed/,
      ),
      line("helm list --short --filter '^other$'", /^other$/m),
      line("kubectl get secrets -l owner=helm,name=other -o jsonpath='{.items[*].type}'", /^helm.sh\/release.v1$/),
      line("helm uninstall other --keep-history --wait --timeout 20s", /uninstalled/),
      line("helm list --uninstalled --short", /^other$/m),
      line("helm rollback other 1 --no-hooks", /Rollback was a success/),
      line("helm uninstall web other --cascade=foreground --timeout 20s", /uninstalled/),
      line("helm list -q"),
      {
        run: "kubectl get deploy,svc,cm,gadgets -l app.kubernetes.io/managed-by=Helm -o name",
        eventually: true,
        stdout: /^$/,
      },
      // The same chart without helm's own records.
      line(
        "helm template web chart --include-crds --no-hooks | kubectl apply --server-side -f -",
        /deployment.apps\/web serverside-applied/,
      ),
      line("helm template web chart --no-hooks | kubectl diff -f -"),
      line("helm template web chart --no-hooks | kubectl delete --wait=false -f -", /deleted/),
    ].map((step) => ({ ...step, run: step.run.replaceAll("$NS", namespace) })),
  };
}
