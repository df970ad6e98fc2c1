import type { Clock } from "@atoll/base/clock";
import { silentLogger } from "@atoll/base/log";
import { systemRandom } from "@atoll/base/random";
import { testSeeds, testStoreModel } from "../suite/model-suite.ts";
import { testReopening, testStore } from "../suite/store-suite.ts";
import { EtcdProcess } from "./etcd-process.ts";
import { openEtcdStore } from "./etcd-store.ts";

const makeEtcd = async () => {
  const etcd = await EtcdProcess.start({ isDurable: false });
  return {
    persists: true,
    isServer: true,
    open: (clock: Clock) =>
      openEtcdStore({ endpoints: [etcd.endpoint], clock, random: systemRandom, log: silentLogger }),
    [Symbol.asyncDispose]: () => etcd[Symbol.asyncDispose](),
  };
};

testStore("etcd", makeEtcd);
testReopening("etcd", makeEtcd);
testStoreModel("etcd", makeEtcd, { seeds: testSeeds(5), steps: 200 });
