// Kinds of the user's own: defined, explained, checked, shown in columns, scaled, stored in one version and asked for in another.

import { line, refused, type Script } from "../script.ts";
import type { KubectlScriptOptions } from "./manifests.ts";

const schema = `
      openAPIV3Schema:
        type: object
        description: A boat of the fleet.
        required: [spec]
        properties:
          spec:
            type: object
            description: What the boat is to be.
            required: [name]
            properties:
              name: {type: string, minLength: 2, maxLength: 20, pattern: '^[A-Z]', description: As it stands on the bow.}
              crew: {type: integer, minimum: 0, maximum: 12, default: 2}
              kind: {type: string, enum: [sail, motor], default: sail}
              tags: {type: array, items: {type: string}, x-kubernetes-list-type: set}
              sails:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [position]
                items:
                  type: object
                  required: [position]
                  properties: {position: {type: string}, area: {x-kubernetes-int-or-string: true}}
              extra: {type: object, x-kubernetes-preserve-unknown-fields: true}
              note: {type: string, nullable: true}
              launched: {type: string, format: date-time}
            x-kubernetes-validations:
            - {rule: "self.kind != 'sail' || !has(self.sails) || size(self.sails) > 0", message: a sailing boat has sails, fieldPath: .sails}
            - {rule: "self.name == oldSelf.name", message: a boat keeps its name}
          status:
            type: object
            properties: {crew: {type: integer}, selector: {type: string}, phase: {type: string}}`;

const DEFINITION = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.GROUP}
spec:
  group: GROUP
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat, listKind: BoatList, shortNames: [bo], categories: [all, fleet]}
  conversion: {strategy: None}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.crew, statusReplicasPath: .status.crew, labelSelectorPath: .status.selector}
    selectableFields: [{jsonPath: .spec.kind}]
    additionalPrinterColumns:
    - {name: Boat, type: string, jsonPath: .spec.name}
    - {name: Crew, type: integer, jsonPath: .spec.crew, description: How many.}
    - {name: Sails, type: string, jsonPath: '.spec.sails[*].position', priority: 1}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:${schema}
  - name: v1beta1
    served: true
    storage: false
    deprecated: true
    deprecationWarning: boats of v1beta1 sink
    schema:${schema.replace("maximum: 12", "maximum: 20")}
`;

const BOAT = `apiVersion: GROUP/v1
kind: Boat
metadata: {name: one, labels: {fleet: a}}
spec:
  name: Albatros
  unknown: dropped
  tags: [red, fast]
  sails: [{position: main, area: 30}, {position: jib, area: 12m}]
  extra: {anything: [1, {goes: here}]}
  note: null
`;

export function customScript({ namespace }: KubectlScriptOptions): Script {
  const group = `${namespace}.example.com`;
  const inGroup = (text: string) => text.replaceAll("GROUP", group);
  const boat = (change: string) => `sed "${change}" boat.yaml | kubectl create --validate=ignore -f -`;
  return {
    name: "custom",
    files: {
      "definition.yaml": inGroup(DEFINITION),
      "boat.yaml": inGroup(BOAT),
      "crew.yaml": inGroup(
        "apiVersion: GROUP/v1\nkind: Boat\nmetadata: {name: one}\nspec: {name: Albatros, crew: 7, tags: [new]}\n",
      ),
      "jib.yaml": inGroup(
        "apiVersion: GROUP/v1\nkind: Boat\nmetadata: {name: one}\nspec: {name: Albatros, sails: [{position: jib, area: 15}]}\n",
      ),
    },
    steps: [
      line("kubectl create namespace $NS && kubectl config set-context --current --namespace=$NS >context.log"),
      // Upstream tells more faults of a definition, and shows its own structures with them.
      ...[
        refused(
          "sed 's/storage: true/storage: false/' definition.yaml | kubectl create -f -",
          /must have exactly one version marked as storage version/,
        ),
        refused(
          "sed 's/type: object/type: objekt/' definition.yaml | kubectl create -f -",
          /Unsupported value: "objekt"/,
        ),
      ].map((step) => ({ ...step, compared: false })),
      line("kubectl create -f definition.yaml", /created/),
      line("kubectl wait --for=condition=Established crd/boats.$NS.example.com --timeout=30s", /condition met/),
      {
        ...line("kubectl api-resources --api-group=$NS.example.com", /boats +bo +\S+\/v1 +true +Boat/),
        eventually: true,
      },
      { ...line("kubectl get boats", /^$/), eventually: true },
      line("kubectl get crd boats.$NS.example.com -o yaml", /storedVersions:\n {2}- v1/),
      line("kubectl describe crd boats.$NS.example.com", /Established/),
      { ...line("kubectl explain boat.spec.name", /As it stands on the bow/), eventually: true },
      line("kubectl explain boats --recursive", /sails/),
      line("kubectl explain boat.spec.kind --api-version=$NS.example.com/v1beta1", /sail/),
      refused("kubectl create -f boat.yaml", /unknown field "spec.unknown"/),
      { run: "kubectl create -f boat.yaml --validate=warn", stdout: /created/, stderr: /unknown field "spec.unknown"/ },
      line("kubectl get boat one -o yaml", /crew: 2/),
      line("kubectl get bo", /one +Albatros +2/),
      line("kubectl get bo -o wide", /main,jib|main/),
      line("kubectl get fleet -o name", /boat/),
      line("kubectl get all", /boat/),
      line("kubectl get boats --field-selector spec.kind=sail -o name", /one/),
      refused("kubectl get boats --field-selector spec.crew=2", /field label not supported/),
      line("kubectl describe boat one", /Albatros/),
      {
        run: "kubectl get boats.v1beta1.$NS.example.com one -o jsonpath='{.apiVersion}'",
        stdout: /v1beta1$/,
        stderr: /boats of v1beta1 sink/,
      },
      refused(boat("s/Albatros/albatros/; s/name: one/name: two/"), /should match|Invalid value: "albatros"/),
      refused(boat("s/Albatros/A/; s/name: one/name: two/"), /at least 2 chars long|too short|should be at least/),
      refused(boat("s/fast/red/; s/name: one/name: two/"), /Duplicate value: "red"/),
      refused(boat("s/jib/main/; s/name: one/name: two/"), /Duplicate value/),
      refused(boat("s/  note: null/  crew: 13/; s/name: one/name: two/"), /less than or equal to 12/),
      refused(boat("s/  note: null/  crew: many/; s/name: one/name: two/"), /must be of type integer/),
      refused(
        boat("s/  note: null/  launched: yesterday/; s/name: one/name: two/"),
        /must be of type date-time|date-time/,
      ),
      refused(boat("s/sails: .*/sails: []/; s/name: one/name: two/"), /a sailing boat has sails/),
      refused('kubectl patch boat one --type=merge -p \'{"spec":{"name":"Bounty"}}\'', /a boat keeps its name/),
      refused(
        'kubectl patch boat one -p \'{"spec":{"crew":3}}\'',
        /the body of the request was in an unknown format|415|not supported/i,
      ),
      line('kubectl patch boat one --type=merge -p \'{"spec":{"crew":3}}\'', /patched/),
      line(
        'kubectl patch boat one --type=json -p \'[{"op":"replace","path":"/spec/sails/0/area","value":"31"}]\'',
        /patched/,
      ),
      line(
        'kubectl patch boat one --subresource=status --type=merge -p \'{"status":{"crew":3,"selector":"boat=one","phase":"afloat"},"spec":{"crew":9}}\'',
        /patched/,
      ),
      line("kubectl get boat one -o jsonpath='{.spec.crew} {.status.phase} {.metadata.generation}'", /^3 afloat 3$/),
      line("kubectl scale boat one --replicas=5", /scaled/),
      line("kubectl get --raw /apis/$NS.example.com/v1/namespaces/$NS/boats/one/scale", /"selector":"boat=one"/),
      line("kubectl autoscale boat one --min=1 --max=12", /autoscaled/),
      refused("kubectl apply --server-side -f crew.yaml --field-manager=crew", /conflict/),
      line("kubectl apply --server-side -f crew.yaml --field-manager=crew --force-conflicts", /applied/),
      line("kubectl apply --server-side -f jib.yaml --field-manager=rigger --force-conflicts", /applied/),
      line("kubectl get boat one -o yaml --show-managed-fields", /manager: rigger/),
      line("kubectl diff --server-side -f jib.yaml --field-manager=rigger"),
      line("EDITOR=\"sed -i 's/crew: 7/crew: 8/'\" kubectl edit boat one", /edited/),
      line("kubectl label boat one fleet=b --overwrite && kubectl annotate boat one a=b", /labeled/),
      line("kubectl apply -f crew.yaml 2>/dev/null", /configured/),
      line("kubectl apply -f crew.yaml", /unchanged/),
      line("timeout 5 kubectl get boats --watch --output-watch-events --request-timeout=1 | head -2; true", /ADDED/),
      // A version that is not served any more, a schema that asks for more: what is stored stays.
      line(
        "sed '/v1beta1/{n;s/true/false/}; s/maximum: 12/maximum: 6/' definition.yaml | kubectl apply -f - 2>/dev/null",
        /configured/,
      ),
      {
        run: "kubectl get boats.v1beta1.$NS.example.com",
        code: 1,
        stderr: /the server doesn't have a resource type|could not find/,
        eventually: true,
      },
      { ...line("kubectl label boat one fleet=c --overwrite", /labeled/) },
      {
        ...refused('kubectl patch boat one --type=merge -p \'{"spec":{"crew":11}}\'', /less than or equal to 6/),
        eventually: true,
      },
      line("kubectl delete boat one", /deleted/),
      line("kubectl create -f boat.yaml --validate=ignore", /created/),
      line("kubectl delete crd boats.$NS.example.com --timeout=60s", /deleted/),
      {
        run: "kubectl get boats",
        code: 1,
        stderr: /the server doesn't have a resource type|could not find/,
        eventually: true,
      },
    ].map((step) => ({ ...step, run: step.run.replaceAll("$NS", namespace) })),
  };
}
