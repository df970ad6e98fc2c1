// What controllers do while a user looks on: roll-outs, scaling, deletion with what depends on it. There is no host, so every pod
// waits; what a kubelet would report is patched into its status.

import { eventually, line, refused, type Script } from "../script.ts";
import type { KubectlScriptOptions } from "./manifests.ts";

const MAKE_READY =
  'kubectl get pods -l app=web -o name | while read pod; do kubectl patch $pod --subresource=status -p \'{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}\'; done';

/** Pods of the newest template are made ready as they come, until the roll-out is over. */
const ROLL_OUT = `for i in $(seq 40); do ${MAKE_READY} >ready.log 2>&1; kubectl rollout status deploy/web --timeout=1s && break; done`;

const JOB = `apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: c, image: example.com/c}]
`;

export function workloadsScript({ namespace }: KubectlScriptOptions): Script {
  const images = "kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}'";
  return {
    name: "workloads",
    files: { "job.yaml": JOB },
    steps: [
      line("kubectl create namespace $NS && kubectl config set-context --current --namespace=$NS >context.log"),
      eventually(
        "kubectl get serviceaccount,configmap -o name",
        /serviceaccount\/default/,
        /configmap\/kube-root-ca.crt/,
      ),
      line("kubectl wait --for=create serviceaccount/default --timeout=10s", /condition met/),
      line("kubectl create deployment web --image=example.com/web:1 --replicas=2", /created/),
      eventually("kubectl get pods -l app=web --no-headers | wc -l", /^2$/m),
      eventually("kubectl get pods -l app=web -o jsonpath='{.items[*].status.phase}'", /^Pending Pending$/),
      refused("kubectl rollout status deploy/web --timeout=1s", /timed out waiting for the condition/),
      { run: ROLL_OUT, stdout: /successfully rolled out/, compared: false },
      line("kubectl wait --for=condition=Available deploy/web --timeout=20s", /condition met/),
      eventually("kubectl get deploy web", /web +2\/2 +2 +2/),
      eventually("kubectl get rs -l app=web", /web-\w+ +2 +2 +2/),
      line("kubectl annotate deploy web kubernetes.io/change-cause='the first'", /annotated/),
      line("kubectl set image deploy/web web=example.com/web:2", /image updated/),
      line("kubectl annotate deploy web kubernetes.io/change-cause='the second'", /annotated/),
      { run: ROLL_OUT, stdout: /successfully rolled out/, compared: false },
      eventually("kubectl rollout history deploy/web", /1 +the first\n2 +the second/),
      line("kubectl rollout history deploy/web --revision=2", /example.com\/web:2/),
      line("kubectl rollout undo deploy/web", /rolled back/),
      line(images, /^example.com\/web:1$/),
      { run: ROLL_OUT, stdout: /successfully rolled out/, compared: false },
      eventually("kubectl rollout history deploy/web", /2 +the second\n3 +the first/),
      line("kubectl rollout pause deploy/web", /paused/),
      refused("kubectl rollout undo deploy/web", /cannot rollback a paused deployment/),
      line("kubectl rollout resume deploy/web", /resumed/),
      line("kubectl rollout undo deploy/web --to-revision=2", /rolled back/),
      line(images, /^example.com\/web:2$/),
      { run: ROLL_OUT, stdout: /successfully rolled out/, compared: false },
      line("kubectl rollout restart deploy/web", /restarted/),
      { run: ROLL_OUT, stdout: /successfully rolled out/, compared: false },
      line("kubectl get deploy web -o jsonpath='{.spec.template.metadata.annotations}'", /restartedAt/),
      line("kubectl scale deploy web --replicas=4", /scaled/),
      line("kubectl wait --for=jsonpath='{.status.replicas}'=4 deploy/web --timeout=20s", /condition met/),
      line("kubectl scale deploy web --replicas=1 --current-replicas=4", /scaled/),
      line("kubectl wait --for=jsonpath='{.status.replicas}'=1 deploy/web --timeout=20s", /condition met/),
      eventually(
        "kubectl describe deploy web | grep -E '^(Replicas|StrategyType|RollingUpdateStrategy|MinReadySeconds)'",
        /1 desired/,
      ),
      // Upstream's reporters put events of one sort together, ours do not.
      { ...eventually("kubectl events --for deploy/web", /ScalingReplicaSet/), compared: false },
      eventually(
        "kubectl get events --field-selector reason=ScalingReplicaSet -o jsonpath='{.items[0].reason}'",
        /^ScalingReplicaSet$/,
      ),
      {
        run: "kubectl get pods -l app=web --sort-by=.metadata.creationTimestamp -o wide",
        stdout: /web-/,
        compared: false,
      },
      line("kubectl create service clusterip web --tcp=80", /created/),
      eventually(
        "kubectl get endpointslices -l kubernetes.io/service-name=web -o jsonpath='{.items[*].addressType}'",
        /^IPv4$/,
      ),
      line("kubectl create pdb web --selector=app=web --min-available=1", /created/),
      eventually("kubectl get pdb web", /web +1 +N\/A +\d/),
      line("kubectl create -f job.yaml", /created/),
      eventually("kubectl get job once -o jsonpath='{.status.active}'", /^1$/),
      line("kubectl delete job once --cascade=orphan", /deleted/),
      eventually("kubectl get pods -l job-name=once -o jsonpath='{.items[*].metadata.ownerReferences}'", /^$/),
      line("kubectl delete pods -l job-name=once --now --wait=false | sed s/once-.....//", /deleted/),
      line("kubectl create quota few --hard=pods=2,count/configmaps=3", /created/),
      eventually("kubectl get quota few -o jsonpath='{.status.hard.pods}'", /^2$/),
      line("kubectl create cm filler --from-literal=a=b && kubectl create cm filler-2 --from-literal=a=b", /created/),
      {
        ...refused(
          "kubectl create cm filler-3 --from-literal=a=b",
          /exceeded quota: few, requested: count\/configmaps=1, used: count\/configmaps=3/,
        ),
        eventually: true,
      },
      line("kubectl delete quota few", /deleted/),
      line("kubectl delete deploy web --cascade=orphan", /deleted/),
      eventually("kubectl get rs -l app=web -o jsonpath='{.items[*].metadata.ownerReferences}'", /^$/),
      line("kubectl delete rs -l app=web --cascade=foreground --wait=false", /deleted/),
      eventually(
        "kubectl get rs,pods -l app=web -o name | sed s/-.*//; kubectl delete pods -l app=web --force --grace-period=0 >gone.log 2>&1",
        /^$/,
      ),
      line("kubectl create deployment gone --image=example.com/g --replicas=1", /created/),
      eventually("kubectl get pods -l app=gone -o name", /pod\/gone/),
      line("kubectl delete deploy gone --cascade=background --wait", /deleted/),
      eventually("kubectl get rs,pods -l app=gone -o name", /^$/),
      line("kubectl delete namespace $NS --wait --timeout=60s", /deleted/),
      refused("kubectl get namespace $NS", /not found/),
    ].map((step) => ({ ...step, run: step.run.replaceAll("$NS", namespace) })),
  };
}
