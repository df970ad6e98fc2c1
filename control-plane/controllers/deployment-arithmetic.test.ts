import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment, ReplicaSet } from "@atoll/api/generated/types";
import fc from "fast-check";
import {
  boundsOf,
  MAX_ANNOTATION,
  newReplicaSetSize,
  shareOut,
  shrinkOld,
  totalAvailable,
  totalReplicas,
} from "./deployment-arithmetic.ts";

const template = { spec: { containers: [] } };

function deployment(replicas: number, maxSurge: number | string, maxUnavailable: number | string): Deployment {
  return {
    metadata: { name: "d" },
    spec: {
      replicas,
      selector: {},
      template,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
    },
  };
}

function set(replicas: number, available: number, max?: number): ReplicaSet {
  return {
    metadata: max === undefined ? {} : { annotations: { [MAX_ANNOTATION]: String(max) } },
    spec: { replicas, selector: {} },
    status: { replicas, availableReplicas: available },
  };
}

test("rounds the surge up and the unavailable down, and never lets both be nothing", () => {
  assert.deepEqual(boundsOf(deployment(10, "25%", "25%")), { desired: 10, surge: 3, unavailable: 2 });
  assert.deepEqual(boundsOf(deployment(1, "0%", "25%")), { desired: 1, surge: 0, unavailable: 1 });
  assert.deepEqual(boundsOf(deployment(0, 1, 1)), { desired: 0, surge: 1, unavailable: 0 });
});

test("gives up broken old pods before working ones", () => {
  const bounds = boundsOf(deployment(4, 1, 1));
  const broken = set(2, 0);
  const working = set(2, 2);
  const sizes = shrinkOld(bounds, [working, broken], set(1, 1));
  assert.deepEqual([sizes.get(broken), sizes.get(working)], [0, undefined]);
});

test("shares a scaling out in proportion and exactly", () => {
  const changed = deployment(20, 5, 0);
  const [large, small] = [set(8, 8, 15), set(7, 7, 15)];
  const sizes = shareOut(changed, boundsOf(changed), [large, small]);
  assert.equal(
    [...sizes.values()].reduce((total, size) => total + size, 0),
    25,
  );
  assert.deepEqual([sizes.get(large), sizes.get(small)], [13, 12]);
});

test("a rolling update never has too many pods nor gives up more available ones than allowed, and ends", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 30 }),
      fc.oneof(
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
      ),
      fc.oneof(
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
      ),
      (replicas, surge, unavailable) => {
        const bounds = boundsOf(deployment(replicas, surge, unavailable));
        if (bounds.surge === 0 && bounds.unavailable === 0) return;
        let old = set(replicas, replicas);
        let fresh = set(0, 0);
        for (let step = 0; step < 200 && (old.spec.replicas !== 0 || fresh.spec.replicas !== replicas); step++) {
          const wanted = newReplicaSetSize(bounds, true, fresh.spec.replicas ?? 0, [old, fresh]);
          if (wanted !== fresh.spec.replicas) fresh = set(wanted, fresh.status?.availableReplicas ?? 0);
          else {
            const size = shrinkOld(bounds, [old], fresh).get(old) ?? old.spec.replicas ?? 0;
            old = set(size, Math.min(size, old.status?.availableReplicas ?? 0));
            fresh = set(wanted, wanted);
          }
          assert.ok(totalReplicas([old, fresh]) <= bounds.desired + bounds.surge);
          assert.ok(totalAvailable([old, fresh]) >= bounds.desired - bounds.unavailable);
        }
        assert.deepEqual([old.spec.replicas, fresh.spec.replicas], [0, replicas]);
      },
    ),
  );
});
