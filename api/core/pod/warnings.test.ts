import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Container, PodSpec } from "../../generated/types.ts";
import { podWarnings } from "./warnings.ts";

const container = (more: Partial<Container> = {}): Container => ({ name: "c", image: "x", ...more });

function warningsOf(spec: Partial<PodSpec>, metadata: object = {}): string[] {
  return podWarnings({ metadata, spec: { containers: [container()], ...spec } });
}

describe("whoever makes a pod is told", () => {
  const cases: readonly (readonly [string, Partial<PodSpec>, readonly string[]])[] = [
    ["nothing of a plain one", {}, []],
    [
      "of labels with other names now",
      { nodeSelector: { "beta.kubernetes.io/os": "linux" } },
      ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    ],
    [
      "of selectors that select nothing",
      { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "a", whenUnsatisfiable: "DoNotSchedule" }] },
      ["spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod"],
    ],
    [
      "of volumes whose drivers are gone",
      { volumes: [{ name: "a", gitRepo: { repository: "x" } }] },
      ["spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+"],
    ],
    [
      "of parts of bytes",
      { containers: [container({ resources: { requests: { memory: "50m" } } })] },
      ['spec.containers[0].resources.requests[memory]: fractional byte value "50m" is invalid, must be an integer'],
    ],
    [
      "of variables that hide others, not of those that add to them",
      {
        containers: [
          container({
            env: [
              { name: "A", value: "1" },
              { name: "A", value: "2" },
              { name: "B", value: "1" },
              { name: "B", value: "$(B)2" },
            ],
          }),
        ],
      },
      ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    ],
    [
      "of ports that meet",
      {
        containers: [
          container({ ports: [{ containerPort: 80, name: "a", protocol: "TCP" }] }),
          container({ name: "d", ports: [{ containerPort: 80, name: "a", hostPort: 8080, protocol: "TCP" }] }),
        ],
      },
      [
        "spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]",
        'spec.containers[1].ports[0]: duplicate port name "a" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
      ],
    ],
    [
      "of what is said twice, or not at all",
      { imagePullSecrets: [{ name: "a" }, { name: "a" }, { name: "" }] },
      ['spec.imagePullSecrets[1].name: duplicate name "a"', 'spec.imagePullSecrets[2].name: invalid empty name ""'],
    ],
  ];
  for (const [what, spec, expected] of cases) test(what, () => assert.deepEqual(warningsOf(spec), expected));

  test("of thousands of things are found in time, and not all said", () => {
    const ports = Array.from({ length: 5000 }, () => ({ containerPort: 80, protocol: "TCP" }));
    const env = Array.from({ length: 20_000 }, (_, index) => ({ name: `E${index}`, value: "x" }));
    const started = performance.now();
    const warnings = warningsOf({ containers: [container({ ports, env })] });
    assert.ok(warnings.length > 100 && warnings.length <= 1000, `${warnings.length} warnings`);
    assert.ok(performance.now() - started < 2000);
  });

  test("only once: not when the pod changes", () => {
    const spec = { nodeSelector: { "beta.kubernetes.io/os": "linux" } };
    assert.deepEqual(warningsOf(spec, { resourceVersion: "5" }), []);
  });
});
