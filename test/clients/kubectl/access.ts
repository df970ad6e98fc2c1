// Who may do what: roles, tokens, certificates and the questions about them.

import { line, refused, type Script } from "../script.ts";
import type { KubectlScriptOptions } from "./manifests.ts";

const REQUEST = `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: NAME}
spec:
  signerName: kubernetes.io/kube-apiserver-client
  usages: [client auth]
  request: REQUEST
`;

/** Makes a request for a certificate of the user "jane" with openssl, as a user would. */
const MAKE_REQUEST =
  "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout jane.key -subj /O=team/CN=jane -out jane.csr 2>openssl.log";

export function accessScript({ namespace }: KubectlScriptOptions): Script {
  return {
    name: "access",
    files: { "request.yaml": REQUEST },
    steps: [
      line("kubectl create namespace $NS && kubectl config set-context --current --namespace=$NS >context.log"),
      line("kubectl create serviceaccount robot", /created/),
      line("kubectl auth whoami -o jsonpath='{.status.userInfo.groups}'", /system:masters/),
      line("kubectl auth can-i create pods", /^yes$/m),
      line("kubectl auth can-i '*' '*' -A", /^yes$/m),
      { run: "kubectl auth can-i get pods --as=system:serviceaccount:$NS:robot", code: 1, stdout: /^no$/m },
      line("kubectl auth can-i --list | sort", /\*\.\*/),
      line("kubectl auth can-i --list --as=system:serviceaccount:$NS:robot | sort", /selfsubjectreviews/),
      line(
        "kubectl create role reader --verb=get,list,watch --resource=pods,services --resource=deployments.apps/scale",
        /created/,
      ),
      line("kubectl create role one --verb=update --resource=configmaps --resource-name=settings", /created/),
      line("kubectl create rolebinding reader --role=reader --serviceaccount=$NS:robot", /created/),
      line("kubectl create rolebinding one --role=one --serviceaccount=$NS:robot", /created/),
      { ...line("kubectl auth can-i list pods --as=system:serviceaccount:$NS:robot", /^yes$/m), eventually: true },
      line(
        "kubectl auth can-i --list --as=system:serviceaccount:$NS:robot | sort",
        /pods +\[\] +\[\] +\[get list watch\]/,
      ),
      line("kubectl auth can-i update cm/settings --as=system:serviceaccount:$NS:robot", /^yes$/m),
      { run: "kubectl auth can-i update cm/other --as=system:serviceaccount:$NS:robot", code: 1, stdout: /^no$/m },
      line("kubectl auth can-i get pods --subresource=log --as=jane --as-group=system:masters", /^yes$/m),
      line("kubectl auth can-i get /healthz --as=system:anonymous --as-group=system:unauthenticated 2>&1; true"),
      refused(
        "kubectl get secrets --as=system:serviceaccount:$NS:robot",
        /cannot list resource "secrets" in API group "" in the namespace/,
      ),
      refused(
        "kubectl get nodes --as=jane --as-group=team",
        /User "jane" cannot list resource "nodes" in API group "" at the cluster scope/,
      ),
      line("kubectl get pods --as=system:serviceaccount:$NS:robot 2>&1", /No resources found/),
      line("kubectl create token robot --duration=20m --audience=a.example.com | cut -c1-3", /^eyJ$/m),
      line(
        "kubectl create token robot > token && kubectl auth whoami --kubeconfig=/dev/null --server=$(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}') --insecure-skip-tls-verify --token=$(cat token) -o jsonpath='{.status.userInfo.username}'",
        /^system:serviceaccount:[\w-]+:robot$/,
      ),
      refused(
        "kubectl --token=nonsense --kubeconfig=/dev/null --server=$(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}') --insecure-skip-tls-verify get pods",
        /logged in to the server|Unauthorized/,
      ),
      refused("kubectl create token absent", /serviceaccounts? "absent" not found/),
      line(
        'kubectl create role weak --verb=get --resource=pods --dry-run=client -o yaml | sed s/^metadata:/"&\\n  namespace: $NS"/ | kubectl auth reconcile -f -',
        /reconciled/,
      ),
      line("kubectl get role weak -o jsonpath='{.rules}'", /pods/),
      refused(
        "kubectl create clusterrole $NS-strong --verb='*' --resource='*' --as=jane --as-group=team",
        /cannot create resource "clusterroles"|forbidden/,
      ),
      {
        ...line(
          `${MAKE_REQUEST} && sed "s/NAME/$NS-jane/; s|REQUEST|$(base64 -w0 jane.csr)|" request.yaml | kubectl create -f -`,
          /created/,
        ),
      },
      line("kubectl get csr $NS-jane -o jsonpath='{.spec.signerName} {.spec.usages}'", /kube-apiserver-client/),
      line("kubectl certificate approve $NS-jane", /approved/),
      line(
        "kubectl get csr $NS-jane -o jsonpath='{.status.conditions[0].type} {.status.conditions[0].reason}'",
        /^Approved KubectlApprove$/,
      ),
      refused("kubectl certificate deny $NS-jane", /is already Approved/),
      line("kubectl delete csr $NS-jane", /deleted/),
      // A controller would add up their rules, and there is none here.
      line("kubectl get clusterrole admin edit view -o yaml | grep -v rules:", /aggregationRule/),
      line("kubectl describe clusterrole view", /PolicyRule/),
      line(
        "kubectl get clusterroles -o name | grep -v -i vmware | sort",
        /clusterrole.rbac.authorization.k8s.io\/view/,
      ),
      line("kubectl describe role reader one", /configmaps +\[\] +\[settings\] +\[update\]/),
      line("kubectl describe rolebinding reader && kubectl describe sa robot", /robot/),
    ].map((step) => ({ ...step, run: step.run.replaceAll("$NS", namespace) })),
  };
}
