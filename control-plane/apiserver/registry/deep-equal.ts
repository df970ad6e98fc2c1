export { isDeepEqual } from "@atoll/machinery/object/deep-equal";
