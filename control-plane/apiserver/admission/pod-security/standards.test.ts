// One bad pod for each check, with what is said about it; and what changed from version to version.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PodSpec } from "@atoll/api/generated/types";
import { readPolicy } from "./policy.ts";
import { detailsOf, violationsOf } from "./standards.ts";

const LATEST = Number.POSITIVE_INFINITY;

/** Nothing that the strictest level minds. */
const GOOD: PodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      name: "a",
      image: "x",
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    },
  ],
};

function podOf(ofContainer: object = {}, ofPod: object = {}, ofSpec: object = {}): PodSpec {
  const [container] = GOOD.containers;
  const securityContext = { ...container?.securityContext, ...ofContainer };
  return {
    ...GOOD,
    ...ofSpec,
    securityContext: { ...GOOD.securityContext, ...ofPod },
    containers: ["a", "b"].map((name) => ({ name, image: "x", securityContext })),
  };
}

const told = (
  spec: PodSpec,
  level: "baseline" | "restricted",
  minor = LATEST,
  annotations: Record<string, string> = {},
) => detailsOf(violationsOf({ level, minor }, { metadata: { annotations }, spec }));

test("a hardened pod is let in by every version of both levels", () => {
  for (let minor = 0; minor < 50; minor++) {
    assert.equal(told(podOf(), "restricted", minor), "", `v1.${minor}`);
    assert.equal(told(podOf(), "baseline", minor), "", `v1.${minor}`);
  }
  assert.equal(told(podOf(), "restricted"), "");
});

describe("the baseline minds", () => {
  const cases: readonly (readonly [string, PodSpec, string])[] = [
    [
      "AppArmor profiles",
      podOf({ appArmorProfile: { type: "Unconfined" } }, { appArmorProfile: { type: "Unconfined" } }),
      'forbidden AppArmor profile (pod and containers "a", "b" must not set AppArmor profile type to "Unconfined")',
    ],
    [
      "capabilities",
      podOf({ capabilities: { add: ["SYS_ADMIN", "NET_RAW", "CHOWN"] } }),
      'non-default capabilities (containers "a", "b" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      "the host's namespaces",
      podOf({}, {}, { hostNetwork: true, hostIPC: true }),
      "host namespaces (hostNetwork=true, hostIPC=true)",
    ],
    [
      "the host's files",
      podOf({}, {}, { volumes: [{ name: "v", hostPath: { path: "/" } }] }),
      'hostPath volumes (volume "v")',
    ],
    [
      "privileges",
      podOf({ privileged: true }),
      'privileged (containers "a", "b" must not set securityContext.privileged=true)',
    ],
    [
      "an unmasked /proc",
      podOf({ procMount: "Unmasked" }),
      'procMount (containers "a", "b" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      "SELinux options",
      podOf({ seLinuxOptions: { type: "x", user: "u" } }, { seLinuxOptions: { role: "r" } }),
      'seLinuxOptions (pod and containers "a", "b" set forbidden securityContext.seLinuxOptions: type "x"; user may not be set; role may not be set)',
    ],
    [
      "seccomp switched off",
      podOf({}, { seccompProfile: { type: "Unconfined" } }),
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      "kernel parameters",
      podOf(
        {},
        {
          sysctls: [
            { name: "kernel.msgmax", value: "1" },
            { name: "net.ipv4.tcp_rmem", value: "1" },
          ],
        },
      ),
      "forbidden sysctls (kernel.msgmax)",
    ],
    [
      "Windows' host processes",
      podOf({}, { windowsOptions: { hostProcess: true } }),
      "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)",
    ],
  ];
  for (const [what, spec, expected] of cases) test(what, () => assert.equal(told(spec, "baseline"), expected));

  test("host ports, and probes that go elsewhere", () => {
    const container = { name: "a", image: "x" };
    const ports = [
      { containerPort: 1, hostPort: 8080 },
      { containerPort: 2, hostPort: 80 },
    ];
    const livenessProbe = { httpGet: { host: "example.com", port: 80 } };
    const spec = { containers: [{ ...container, ports, livenessProbe }] };
    assert.equal(
      told(spec, "baseline"),
      'hostPort (container "a" uses hostPorts 80, 8080), probe or lifecycle host (container "a" uses probe or lifecycle host "example.com")',
    );
  });

  test("annotations that came before the fields", () => {
    const annotations = {
      "container.apparmor.security.beta.kubernetes.io/a": "unconfined",
      "seccomp.security.alpha.kubernetes.io/pod": "unconfined",
    };
    assert.equal(
      told(podOf(), "baseline", 18, annotations),
      'forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/a="unconfined""), seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    );
    assert.doesNotMatch(told(podOf(), "baseline", 19, annotations), /seccomp/);
  });
});

describe("restricted minds, too", () => {
  test("all that a plain pod leaves open", () => {
    assert.equal(
      told({ containers: [{ name: "a", image: "x" }] }, "restricted"),
      'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });

  test("being root, on purpose", () => {
    assert.equal(
      told(podOf({ runAsNonRoot: false }, { runAsUser: 0 }), "restricted"),
      'runAsNonRoot != true (containers "a", "b" must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod must not set runAsUser=0)',
    );
  });

  test("volumes that are not made for pods, instead of the host's alone", () => {
    const volumes = [
      { name: "v", hostPath: { path: "/" } },
      { name: "w", nfs: { server: "s", path: "/" } },
      { name: "fine", emptyDir: {} },
    ];
    assert.equal(
      told(podOf({}, {}, { volumes }), "restricted"),
      'restricted volume types (volumes "v", "w" use restricted volume types "hostPath", "nfs")',
    );
  });
});

describe("versions", () => {
  const cases: readonly (readonly [string, PodSpec, "baseline" | "restricted", number, number])[] = [
    ["root may not be named since 1.23", podOf({ runAsUser: 0 }), "restricted", 22, 23],
    ["capabilities are dropped since 1.22", podOf({ capabilities: {} }), "restricted", 21, 22],
    ["escalation is forbidden since 1.8", podOf({ allowPrivilegeEscalation: true }), "restricted", 7, 8],
  ];
  for (const [what, spec, level, lenient, strict] of cases) {
    test(what, () => {
      assert.equal(told(spec, level, lenient), "");
      assert.notEqual(told(spec, level, strict), "");
    });
  }

  test("what was relaxed: kernel parameters, SELinux types, Windows, user namespaces", () => {
    const reserved = podOf({}, { sysctls: [{ name: "net.ipv4.ip_local_reserved_ports", value: "1" }] });
    assert.notEqual(told(reserved, "baseline", 26), "");
    assert.equal(told(reserved, "baseline", 27), "");
    const engine = podOf({}, { seLinuxOptions: { type: "container_engine_t" } });
    assert.notEqual(told(engine, "baseline", 30), "");
    assert.equal(told(engine, "baseline", 31), "");
    const windows = podOf({ allowPrivilegeEscalation: undefined, capabilities: {} }, {}, { os: { name: "windows" } });
    assert.notEqual(told(windows, "restricted", 24), "");
    assert.equal(told(windows, "restricted", 25), "");
    const unmasked = podOf({ procMount: "Unmasked" }, {}, { hostUsers: false });
    assert.notEqual(told(unmasked, "baseline", 34), "");
    assert.equal(told(unmasked, "baseline", 35), "");
    assert.notEqual(told(unmasked, "restricted", 35), "");
    const root = podOf({}, { runAsNonRoot: false }, { hostUsers: false });
    assert.equal(told(root, "restricted", 35), "");
  });
});

describe("labels", () => {
  const label = (name: string) => `pod-security.kubernetes.io/${name}`;
  const read = (labels: Record<string, string>) =>
    readPolicy(Object.fromEntries(Object.entries(labels).map(([name, value]) => [label(name), value])));

  test("warn of what they enforce, unless they say otherwise", () => {
    const { policy } = read({ enforce: "restricted", "enforce-version": "v1.30" });
    assert.deepEqual(policy.warn, { level: "restricted", minor: 30 });
    assert.deepEqual(policy.audit, { level: "privileged", minor: LATEST });
    assert.equal(read({ enforce: "restricted", warn: "baseline" }).policy.warn.level, "baseline");
  });

  test("that are wrong enforce the strictest and warn of nothing", () => {
    const { policy, errors } = read({ enforce: "none", warn: "all", "audit-version": "1.30" });
    assert.deepEqual([policy.enforce.level, policy.warn.level], ["restricted", "privileged"]);
    assert.deepEqual(
      errors.map(({ field, message }) => `${field}: ${message}`),
      [
        `metadata.labels[${label("enforce")}]: Invalid value: "none": must be one of privileged, baseline, restricted`,
        `metadata.labels[${label("audit-version")}]: Invalid value: "1.30": must be "latest" or "v1.x"`,
        `metadata.labels[${label("warn")}]: Invalid value: "all": must be one of privileged, baseline, restricted`,
      ],
    );
  });
});
