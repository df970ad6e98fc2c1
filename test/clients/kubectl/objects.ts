// Single objects through the commands that users type all day.

import { line, refused, type Script, type Step } from "../script.ts";
import type { KubectlScriptOptions } from "./manifests.ts";

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, tier: front}
spec:
  replicas: 0
  paused: true
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: main
        image: example.com/web:1
        ports: [{containerPort: 80, name: http}]
      - name: side
        image: example.com/side:1
---
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: {app: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  labels: {app: web}
data:
  colour: blue
  text: |
    two
    lines
`;

const FILES = {
  "web.yaml": WEB,
  "web-2.yaml": WEB.replace("web:1", "web:2").replace("colour: blue", "colour: green"),
  "web-without-settings.yaml": WEB.slice(0, WEB.lastIndexOf("---")),
  "unknown-field.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\ndta: {a: b}\n",
  "duplicate-field.json": '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"odd"},"data":{"a":"b","a":"c"}}',
  "wrong-type.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\ndata: {a: [1]}\n",
  "bad-value.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: UPPER}\nspec: {ports: [{port: 0}]}\n",
  "generated.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: g-, labels: {generated: 'yes'}}\n",
  "node.yaml": `apiVersion: v1
kind: Node
metadata: {name: NODE, labels: {zone: a}}
status:
  capacity: {cpu: "4", memory: 8Gi, pods: "110"}
  conditions: [{type: Ready, status: "True", reason: Told, message: told}]
`,
  "kustomization.yaml":
    "namePrefix: k-\ncommonAnnotations: {made: by-kustomize}\nresources: [web-without-settings.yaml]\n",
};

function reading(): Step[] {
  const outputs = ["yaml", "json", "wide", "name", "jsonpath='{.items[*].metadata.name}'"];
  return [
    ...outputs.map((output) => line(`kubectl get deployments,services,configmaps -o ${output}`, /web/)),
    line(
      "kubectl get deploy web -o go-template='{{.spec.replicas}} {{range .spec.template.spec.containers}}{{.image}} {{end}}'",
      /0 example/,
    ),
    line(
      "kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[?(@.name==\"side\")].image}'",
      /^example.com\/side:1$/,
    ),
    line("kubectl get cm -o custom-columns=NAME:.metadata.name,COLOUR:.data.colour", /settings +blue/),
    line("kubectl get cm --sort-by=.metadata.name -o name", /configmap\/settings/),
    line("kubectl get cm --sort-by='{.data.colour}' --no-headers", /settings/),
    line("kubectl get all", /deployment.apps\/web/),
    line("kubectl get all,cm --show-kind --show-labels -l app=web", /tier=front/),
    line("kubectl get deploy -L app,tier", /APP +TIER/),
    line("kubectl get cm -l 'app in (web,other),!missing' -o name", /settings/),
    line("kubectl get cm --field-selector metadata.name=settings -o name", /settings/),
    refused("kubectl get cm --field-selector data.colour=blue", /data.colour/),
    line("kubectl get cm -A --field-selector metadata.namespace=$NS -o name", /settings/),
    line("kubectl get cm settings -o yaml --show-managed-fields", /f:colour/),
    line("kubectl get cm --chunk-size=1 -o name", /settings/),
    refused("kubectl get cm absent", /configmaps "absent" not found/),
    line("kubectl get cm absent --ignore-not-found"),
    line("kubectl get --raw /api/v1/namespaces/$NS/configmaps/settings", /"colour":"blue"/),
    line("kubectl describe deploy,svc,cm", /Name: +web/),
    refused("kubectl describe cm absent", /not found/),
    line("kubectl get deploy/web svc/web -o name", /service\/web/),
    line(
      "timeout 3 kubectl get cm settings --watch --output-watch-events --request-timeout=1 | head -2; true",
      /ADDED/,
    ),
  ];
}

function changing(): Step[] {
  return [
    line("kubectl diff -f web.yaml"),
    {
      run: "kubectl diff -f web-2.yaml",
      code: 1,
      stdout: [/^\+ +- image: example.com\/web:2$/m, /^- +colour: blue$/m],
    },
    { run: "kubectl diff --server-side -f web-2.yaml --force-conflicts", code: 1, stdout: /^\+ +colour: green$/m },
    line(
      "kubectl apply -f web-2.yaml",
      /deployment.apps\/web configured\nservice\/web unchanged\nconfigmap\/settings configured/,
    ),
    line("kubectl apply -f web-2.yaml --dry-run=server", /web unchanged \(server dry run\)/),
    line("kubectl get deploy web -o jsonpath='{.metadata.generation}'", /^2$/),
    line("EDITOR=true kubectl apply edit-last-applied cm/settings"),
    line('EDITOR="sed -i s/green/red/" kubectl edit cm settings', /edited/),
    line("kubectl get cm settings -o jsonpath='{.data.colour}'", /^red$/),
    refused('EDITOR="sed -i s/replicas:.0/replicas:-1/" kubectl edit deploy web', /Edit cancelled|not valid|invalid/),
    { run: "EDITOR=true kubectl edit cm settings", stderr: /Edit cancelled, no changes made/ },
    line('EDITOR="sed -i s/red/violet/" kubectl edit cm settings --save-config -o yaml', /colour: violet/),
    line('kubectl patch cm settings -p \'{"data":{"colour":null,"size":"1"}}\'', /patched/),
    line('kubectl patch cm settings --type=json -p \'[{"op":"add","path":"/data/shape","value":"round"}]\'', /patched/),
    line('kubectl patch cm settings --type=merge -p \'{"data":{"shape":"square"}}\' -o yaml', /shape: square/),
    line('kubectl patch cm settings --type=merge -p \'{"data":{"shape":"square"}}\'', /no change/),
    line(
      'kubectl patch deploy web -p \'{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"example.com/side:2"}]}}}}\'',
      /patched/,
    ),
    line("kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[*].image}'", /web:2 example.com\/side:2/),
    refused(
      'kubectl patch cm settings --type=json -p \'[{"op":"test","path":"/data/shape","value":"x"}]\'',
      /the server rejected our request|testing/,
    ),
    line(
      'kubectl patch deploy web --subresource=status --type=merge -p \'{"status":{"observedGeneration":7}}\'',
      /patched/,
    ),
    line("kubectl get deploy web --subresource=status -o jsonpath='{.status.observedGeneration}'", /^7$/),
    line(
      'kubectl patch deploy web --subresource=scale --type=merge -p \'{"spec":{"replicas":0}}\'',
      /patched|no change/,
    ),
    line("kubectl label cm settings size=large tier-", /labeled|label .tier. not found/),
    refused("kubectl label cm settings size=small", /already has a value/),
    line("kubectl label cm settings size=small --overwrite", /labeled/),
    line("kubectl label cm -l app=web checked=yes --list=false", /labeled/),
    line("kubectl annotate cm/settings note='two words'", /annotated/),
    line("kubectl annotate cm/settings note-", /annotated/),
    refused("kubectl label cm settings 'bad key!=x'", /invalid/i),
    line("kubectl set image deploy/web main=example.com/web:3 side=example.com/side:3", /image updated/),
    line("kubectl set env deploy/web -c main A=1 B-", /env updated/),
    line("kubectl set env deploy/web --list", /A=1/),
    line(
      "kubectl set resources deploy web -c=main --limits=cpu=200m,memory=512Mi --requests=cpu=100m",
      /resource requirements updated/,
    ),
    line("kubectl set serviceaccount deploy web default", /serviceaccount updated/),
    line("kubectl set selector svc web app=web,tier=front", /selector updated/),
    line("kubectl get deploy web svc/web -o yaml 2>&1; kubectl get deploy/web svc/web -o yaml", /cpu: 200m/),
    line("kubectl get deploy web -o yaml | sed s/web:3/web:4/ | kubectl replace -f -", /replaced/),
    line(
      "kubectl get cm settings -o yaml | sed 's/resourceVersion: .*/resourceVersion: \"1\"/' | kubectl replace -f - 2>&1 | sed s/:$// ; true",
      /the object has been modified|Conflict/,
    ),
    line("kubectl replace --force -f web-without-settings.yaml", /replaced/),
    line("kubectl expose deploy web --name=exposed --port=8080 --target-port=http", /exposed/),
    line(
      "kubectl autoscale deploy web --min=1 --max=3 --cpu=70% --name=scaler 2>/dev/null || kubectl autoscale deploy web --min=1 --max=3 --cpu-percent=70 --name=scaler",
      /autoscaled/,
    ),
    line("kubectl get hpa scaler -o jsonpath='{.spec.minReplicas} {.spec.maxReplicas}'", /^1 3$/),
    line("kubectl scale deploy web --replicas=0 --current-replicas=0", /scaled/),
    refused("kubectl scale deploy web --replicas=0 --current-replicas=5", /Expected replicas to be 5, was 0/),
  ];
}

function serverSide(): Step[] {
  return [
    line("kubectl apply --server-side -f web.yaml", /deployment.apps\/web serverside-applied/),
    refused(
      "kubectl apply --server-side -f web-2.yaml --field-manager=second",
      /Apply failed with 1 conflict: conflict with "kubectl"/,
    ),
    line("kubectl apply --server-side -f web-2.yaml --field-manager=second --force-conflicts", /serverside-applied/),
    line(
      "kubectl get cm settings -o jsonpath='{range .metadata.managedFields[*]}{.manager} {.operation}{\"\\n\"}{end}'",
      /second Apply/,
    ),
    line("kubectl get deploy web -o yaml --show-managed-fields", /manager: second/),
    line("kubectl apply --server-side -f web.yaml --field-manager=second --dry-run=server", /server dry run/),
    // What the second manager leaves out goes, for nobody else owns it any more.
    line(
      "kubectl create cm owned --from-literal=a=1 --dry-run=client -o yaml | kubectl apply --server-side --field-manager=one -f -",
      /applied/,
    ),
    line(
      "kubectl create cm owned --from-literal=b=2 --dry-run=client -o yaml | kubectl apply --server-side --field-manager=one -f -",
      /applied/,
    ),
    line("kubectl get cm owned -o jsonpath='{.data}'", /^{"b":"2"}$/),
    // From client-side to server-side and back, each time without a conflict with oneself.
    line(
      "kubectl create cm moved --from-literal=a=1 --dry-run=client -o yaml >moved.yaml && kubectl apply -f moved.yaml",
      /created/,
    ),
    line("kubectl apply --server-side -f moved.yaml", /serverside-applied/),
    line("kubectl get cm moved -o yaml --show-managed-fields", /manager: kubectl/),
    line("sed -i s/'\"1\"'/'\"2\"'/ moved.yaml && kubectl apply -f moved.yaml", /configured/),
    line("kubectl get cm moved -o yaml --show-managed-fields", /a: "2"/),
    line("kubectl apply -f web.yaml -l app=web --prune --prune-allowlist=core/v1/ConfigMap", /configured|unchanged/),
  ];
}

function checking(): Step[] {
  return [
    refused("kubectl create -f unknown-field.yaml", /unknown field "dta"/),
    refused("kubectl apply -f unknown-field.yaml --validate=strict", /unknown field "dta"/),
    {
      run: "kubectl create -f unknown-field.yaml --validate=warn --dry-run=server",
      stdout: /created/,
      stderr: /unknown field "dta"/,
    },
    line("kubectl create -f unknown-field.yaml --validate=false --dry-run=server", /created/),
    line("kubectl create -f duplicate-field.json --dry-run=server", /created/),
    refused("kubectl create -f wrong-type.yaml", /cannot (unmarshal|be handled)|json/),
    refused("kubectl create -f bad-value.yaml", /Invalid value: "UPPER"/),
    refused("kubectl create -f web.yaml --dry-run=server", /AlreadyExists/),
    line("kubectl create -f generated.yaml -o name && kubectl create -f generated.yaml -o name", /configmap\/g-/),
    line("kubectl get cm -l generated=yes -o name | wc -l", /^2$/m),
    line("kubectl kustomize . | kubectl apply -f -", /k-web created/),
    line("kubectl apply -k .", /k-web unchanged/),
    line("kubectl delete -k .", /deleted/),
  ];
}

function making(): Step[] {
  const made = [
    "secret generic s1 --from-literal=a=b --from-file=web.yaml",
    "secret docker-registry s2 --docker-server=r.example.com --docker-username=u --docker-password=p",
    "quota q --hard=pods=5,requests.cpu=1",
    "pdb p --selector=app=web --min-available=50%",
    "ingress i --class=none --rule='a.example.com/x*=web:80,tls=t' --annotation=a=b",
    "job j --image=example.com/j -- echo hi",
    "cronjob c --image=example.com/c --schedule='@daily' -- date",
    "service clusterip sc --tcp=80:8080",
    "service nodeport sn --tcp=80",
    "service externalname se --external-name=db.example.com",
    "service loadbalancer sl --tcp=80",
    "deployment d --image=example.com/d --replicas=0 --port=80",
    "role r --verb=get,list --resource=pods,deployments.apps --resource-name=x",
    "rolebinding rb --role=r --serviceaccount=default:default --user=jane --group=team",
    "clusterrole $NS-cr --verb=get --non-resource-url=/metrics",
    "clusterrolebinding $NS-crb --clusterrole=view --user=jane",
    "priorityclass $NS-pc --value=1000 --description=d",
    "cm files --from-file=web.yaml --from-literal=A=1",
  ];
  return [
    ...made.map((what) => line(`kubectl create ${what}`, /created/)),
    ...["ingress/i", "cronjob/c", "quota/q", "pdb/p", "role/r", "rolebinding/rb", "secret/s1", "svc/sn"].map((what) =>
      line(`kubectl get ${what} -o yaml && kubectl describe ${what}`, /^kind:/m),
    ),
    line("kubectl create job from-cron --from=cronjob/c", /created/),
    line("kubectl get job from-cron -o jsonpath='{.metadata.ownerReferences[0].name}'", /^c$/),
    line(
      'kubectl run p1 --image=example.com/p --labels=app=p --env=A=b --port=80 --restart=Never --overrides=\'{"spec":{"nodeSelector":{"none":"such"}}}\'',
      /created/,
    ),
    line("kubectl get pod p1 -o yaml", /nodeSelector/),
    line("kubectl describe pod p1", /QoS Class: +BestEffort/),
    line("kubectl logs p1"),
    line("kubectl wait --for=jsonpath='{.status.phase}'=Pending pod/p1 --timeout=10s", /condition met/),
    refused("kubectl wait --for=condition=Ready pod/p1 --timeout=1s", /timed out waiting for the condition/),
    line(
      'kubectl patch pod p1 --subresource=status -p \'{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}\'',
      /patched/,
    ),
    line("kubectl wait --for=condition=Ready pod/p1 --timeout=10s", /condition met/),
    line(
      "kubectl debug p1 --image=example.com/debug --target=p1 -c debugger --profile=general",
      /Targeting|debugg|^$/i,
    ),
    line("kubectl get pod p1 -o jsonpath='{.spec.ephemeralContainers[0].name}'", /^debugger$/),
    line("kubectl events --for pod/p1 2>&1", /No events found/),
  ];
}

function nodes(): Step[] {
  return [
    line("sed s/NODE/$NS-node/ node.yaml | kubectl create -f -", /created/),
    line("kubectl get node $NS-node -o wide", /Ready/),
    line("kubectl cordon $NS-node", /cordoned/),
    line("kubectl cordon $NS-node", /already cordoned/),
    line("kubectl get node $NS-node", /SchedulingDisabled/),
    line("kubectl taint node $NS-node a=b:NoSchedule c:NoExecute", /tainted/),
    refused("kubectl taint node $NS-node a=x:NoSchedule", /already has a taint/),
    line("kubectl taint node $NS-node a=x:NoSchedule --overwrite", /modified/),
    line("kubectl taint node $NS-node c-", /untainted/),
    line("kubectl describe node $NS-node", /Taints: +a=x:NoSchedule/),
    line("kubectl drain $NS-node --ignore-daemonsets --timeout=10s", /drained/),
    line("kubectl uncordon $NS-node", /uncordoned/),
    line("kubectl delete node $NS-node", /deleted/),
  ];
}

function deleting(): Step[] {
  return [
    line("kubectl delete cm owned --dry-run=server", /deleted .*\(server dry run\)/),
    line("kubectl delete cm owned", /configmap "owned" deleted/),
    refused("kubectl delete cm owned", /not found/),
    line("kubectl delete cm owned --ignore-not-found"),
    line("kubectl delete pod p1 --grace-period=0 --force 2>&1", /force deleted/),
    line("kubectl delete svc sc sn se sl --wait=false", /service "sl" deleted/),
    line('kubectl patch cm files -p \'{"metadata":{"finalizers":["example.com/hold"]}}\'', /patched/),
    refused("kubectl delete cm files --timeout=1s", /timed out waiting for the condition/),
    line("kubectl get cm files -o jsonpath='{.metadata.deletionTimestamp}'", /^\d{4}-/),
    line('kubectl patch cm files --type=json -p \'[{"op":"remove","path":"/metadata/finalizers"}]\'', /patched/),
    line("kubectl wait --for=delete cm/files --timeout=10s"),
    line("kubectl delete cm -l app=web", /deleted/),
    line("kubectl delete secrets --all", /secret "s2" deleted/),
    line("kubectl delete -f web.yaml --ignore-not-found", /deployment.apps "web" deleted/),
    line("kubectl delete clusterrole/$NS-cr clusterrolebinding/$NS-crb priorityclass/$NS-pc", /deleted/),
  ];
}

export function objectsScript({ namespace }: KubectlScriptOptions): Script {
  return {
    name: "objects",
    files: FILES,
    steps: [
      line(
        `kubectl create namespace ${namespace} && kubectl config set-context --current --namespace=${namespace} >context.log`,
      ),
      line("kubectl create serviceaccount default", /created/),
      line(
        "kubectl apply -f web.yaml",
        /deployment.apps\/web created\nservice\/web created\nconfigmap\/settings created/,
      ),
      ...reading(),
      ...changing(),
      ...serverSide(),
      ...checking(),
      ...making(),
      ...nodes(),
      ...deleting(),
    ].map((step) => ({ ...step, run: step.run.replaceAll("$NS", namespace) })),
  };
}
