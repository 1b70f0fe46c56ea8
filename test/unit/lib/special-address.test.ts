import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { specialAddress } from "../../../src/lib/index.ts";

describe("special addresses", () => {
  test.each([
    ["127.0.0.1", "Loopback"],
    ["127.255.1.9", "Loopback"],
    ["127.0.0.1.", "Loopback"],
    ["2130706433", "Loopback"],
    ["0x7f000001", "Loopback"],
    ["0x7f.1", "Loopback"],
    ["0177.0.0.1", "Loopback"],
    ["127.1", "Loopback"],
    ["0.0.0.0", "Loopback"],
    ["0", "Loopback"],
    ["localhost", "Loopback"],
    ["LOCALHOST.", "Loopback"],
    ["models.localhost", "Loopback"],
    ["[::1]", "Loopback"],
    ["::1", "Loopback"],
    ["::", "Loopback"],
    ["0:0:0:0:0:0:0:1", "Loopback"],
    ["[::ffff:127.0.0.1]", "Loopback"],
    ["::ffff:7f00:1", "Loopback"],
    ["::ffff:0:127.0.0.1", "Loopback"],
    ["::127.0.0.1", "Loopback"],
    ["64:ff9b::7f00:1", "Loopback"],
    ["2002:7f00:1::", "Loopback"],
    ["169.254.169.254", "LinkLocal"],
    ["2852039166", "LinkLocal"],
    ["0xa9fea9fe", "LinkLocal"],
    ["::ffff:169.254.170.23", "LinkLocal"],
    ["fe80::1", "LinkLocal"],
    ["fe80::1%eth0", "LinkLocal"],
    ["febf::1", "LinkLocal"],
    ["fd00:ec2::254", "Metadata"],
    ["[fd00:0ec2:0:0::23]", "Metadata"],
    ["instance-data.ec2.internal", "Metadata"],
  ])("%s is %s", (host, expected) => {
    expect(specialAddress(host)).toBe(expected);
  });

  test.each([
    ["bedrock-runtime.eu-central-1.amazonaws.com"],
    ["localhost.example.com"],
    ["notlocalhost"],
    ["10.0.0.1"],
    ["128.0.0.1"],
    ["169.253.1.1"],
    ["fec0::1"],
    ["fd00:ec3::1"],
    ["2001:db8::7f00:1"],
    ["::ffff:10.0.0.1"],
    [""],
    ["not a host"],
    ["999.999.999.999"],
  ])("%s is not special", (host) => {
    expect(specialAddress(host)).toBeUndefined();
  });

  test("every spelling of a loopback address is found", () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffff }), fc.constantFrom(8, 10, 16), (rest, radix) => {
        const value = 0x7f000000 + rest;
        const prefix = { 8: "0", 10: "", 16: "0x" }[radix] ?? "";
        expect(specialAddress(`${prefix}${value.toString(radix)}`)).toBe("Loopback");
      }),
    );
  });

  test("no text makes it throw", () => {
    fc.assert(fc.property(fc.string(), (text) => void specialAddress(text)));
  });
});
