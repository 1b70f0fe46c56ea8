import { describe, expect, it } from "vitest";
import { filterOf, found } from "./found.ts";

const pii = filterOf({ name: "pii", type: "Pii" });

describe("personal data is found where a form, a check or a word tells", () => {
  it.each([
    [
      "Write to jane.doe+news@mail.example.co.uk, please",
      "email: jane.doe+news@mail.example.co.uk",
    ],
    ["<joão@exemplo.com.br>", "email: joão@exemplo.com.br"],
    ["'o.neill@example.org'", "email: o.neill@example.org"],
    ["Pay with 4111 1111 1111 1111 today", "credit-card: 4111 1111 1111 1111"],
    ["amex 378282246310005", "credit-card: 378282246310005"],
    ["IBAN DE89 3704 0044 0532 0130 00.", "iban: DE89 3704 0044 0532 0130 00"],
    ["to gb82west12345698765432 now", "iban: gb82west12345698765432"],
    ["My SSN is 536 90 4399", "national-id/us-ssn: 536 90 4399"],
    ["536-90-4399", "national-id/us-ssn: 536-90-4399"],
    ["NI number AB 12 34 56 C", "national-id/gb-nino: AB 12 34 56 C"],
    ["DNI 12345678Z", "national-id/es-dni: 12345678Z"],
    ["codice RSSMRA85T10A562S", "national-id/it-codice-fiscale: RSSMRA85T10A562S"],
    ["BSN 111222333", "national-id/nl-bsn: 111222333"],
    ["PESEL: 44051401359", "national-id/pl-pesel: 44051401359"],
    ["HETU 131052-308T", "national-id/fi-hetu: 131052-308T"],
    ["personnummer 811228-9874", "national-id/se-personnummer: 811228-9874"],
    ["85.07.30-033.28", "national-id/be-national-number: 85.07.30-033.28"],
    ["NIR 2 55 08 14 168 025 38", "national-id/fr-nir: 2 55 08 14 168 025 38"],
    ["Steuer-ID 86095742719", "national-id/de-tax-id: 86095742719"],
    ["CPF 529.982.247-25", "national-id/br-cpf: 529.982.247-25"],
    ["AHV 756.9217.0769.85", "national-id/ch-ahv: 756.9217.0769.85"],
    ["from 203.0.113.7:8080", "ip-address: 203.0.113.7"],
    ["peer 2001:db8:85a3::8a2e:370:7334.", "ip-address: 2001:db8:85a3::8a2e:370:7334"],
    ["born on the 3rd of March 1984", "birth-date: 3rd of March 1984"],
    ["DOB: 1984-03-03", "birth-date: 1984-03-03"],
    ["geboren am 3. März 1984", "birth-date: 3. März 1984"],
    ["03/03/1984 is her birthday", "birth-date: 03/03/1984"],
    ["Hired 2020-01-01, born 1984-03-03", "birth-date: 1984-03-03"],
    ["+44 (0)20 7946 0958", "phone: +44 (0)20 7946 0958"],
    ["(415) 555-2671", "phone: (415) 555-2671"],
    ["415.555.2671 ext. 12", "phone: 415.555.2671 ext. 12"],
    ["ring 555-0123", "phone: 555-0123"],
    ["Tel: 030 901820", "phone: 030 901820"],
    ["06 12 34 56 78", "phone: 06 12 34 56 78"],
    ["020 7946 0958", "phone: 020 7946 0958"],
    ["+1.415.555.2671", "phone: +1.415.555.2671"],
    ["call me on (0131) 496 0123 after five", "phone: (0131) 496 0123"],
    ["fe80::1 is up", "ip-address: fe80::1"],
    ["born on 1990-05-12T00:00:00Z", "birth-date: 1990-05-12"],
    ["SIN 046 454 286", "national-id/ca-sin: 046 454 286"],
    ["1-800-555-0199", "phone: 1-800-555-0199"],
    ["RRN 420525-1479666", "national-id/kr-rrn: 420525-1479666"],
    ["CURP HORM740801MDFDMH03", "national-id/mx-curp: HORM740801MDFDMH03"],
    ["ID number: 520321 6889 08 4", "national-id/za-id: 520321 6889 08 4"],
    ["TC kimlik no: 98048895764", "national-id/tr-tckn: 98048895764"],
    ["TFN: 381 187 802", "national-id/au-tfn: 381 187 802"],
    ["RUT: 44.665.562-0", "national-id/cl-rut: 44.665.562-0"],
    ["teudat zehut 561553512", "national-id/il-id: 561553512"],
    ["kennitala: 010989-1839", "national-id/is-kennitala: 010989-1839"],
    ["EMŠO: 1309973506573", "national-id/jmbg: 1309973506573"],
    ["Thai ID: 2 5318 76786 74 6", "national-id/th-pin: 2 5318 76786 74 6"],
    ["NHS number: 708 878 1581", "national-id/gb-nhs: 708 878 1581"],
    ["My Number: 9963 9642 4892", "national-id/jp-my-number: 9963 9642 4892"],
    ["NRIC S1234567D", "national-id/sg-nric: S1234567D"],
    ["HKID A123456(3)", "national-id/hk-id: A123456(3)"],
    ["Taiwan ID A123456789", "national-id/tw-id: A123456789"],
    ["PAN ABCPE1234F", "national-id/in-pan: ABCPE1234F"],
    ["СНИЛС 112-233-445 95", "national-id/ru-snils: 112-233-445 95"],
    ["CNP - 5400411185781", "national-id/ro-cnp: 5400411185781"],
    ["Sie wurde am 8.12.1973 in Köln geboren", "birth-date: 8.12.1973"],
    ["urodzona 28 grudnia 1942", "birth-date: 28 grudnia 1942"],
    ["nasceu em 25 de abril de 1974", "birth-date: 25 de abril de 1974"],
    ["föddes den 12 oktober 1943", "birth-date: 12 oktober 1943"],
    ["生年月日は1990年5月12日です", "birth-date: 1990年5月12日"],
    ["dob=19840303", "birth-date: 19840303"],
    ["On 3 March 1984 Anna Maria was born", "birth-date: 3 March 1984"],
    ["+(370) 22365430", "phone: +(370) 22365430"],
    ["my new number is 8529326594", "phone: 8529326594"],
    ["T: 030 901820", "phone: 030 901820"],
    ["373-846-4329-Office", "phone: 373-846-4329"],
    ["block my card 676374763875", "credit-card: 676374763875"],
    ["JCB 180023558273292", "credit-card: 180023558273292"],
    ["my IBAN is GB73VZTB8577653521701", "iban: GB73VZTB8577653521701"],
    ["Tél. : 3978930285", "phone: 3978930285"],
  ])("%s", (text, expected) => {
    expect(found(pii, text)).toEqual([`pii/${expected}`]);
  });
});

describe("what only looks like personal data is let be", () => {
  it.each([
    "git clone git@github.com:team/project.git",
    "icon@2x.png and @scope/package@1.2.3",
    "https://user:word@host.example.com/",
    "root@localhost, a@b..com, john..doe@example.com",
    "4111 1111 1111 1112 fails its check",
    "IMEI 490154203237518",
    "order no. 4111111111111111",
    "DE88 3704 0044 0532 0130 00",
    "000-12-3456, 666-12-3456, 912-12-3456, 536-00-4399",
    "part 536-90-4399",
    "44051401359 rows, 111222333 bytes",
    "version 10.2.3.4, v1.2.3.4, Chrome/1.2.3.4, pkg==1.2.3.4",
    "256.1.1.1, 1.2.3, 1.2.3.4.5, 127.0.0.1, 255.255.255.0",
    "12:34:56, 00:1a:2b:3c:4d:5e, std::vector, ab::cd",
    "The meeting is on 1984-03-03",
    "Born to run came out; released 1975-08-25",
    "Issued 03.03.2014, expires 03.03.2024",
    "born 31/31/1984",
    "1,234,567 people, 3.14159265, 48.8566, 2.3522",
    "ISBN 978-3-16-148410-0",
    "2019-2024 and 20240131123000",
    "Invoice 12345678, ticket 123-4567890",
    "Unix time 1700000000",
    "The call center handled 1200000 calls",
    "Python 3.11.4.0",
    "<Buffer 01 02 07 03 04 05 06>",
    "0.4.2 / 30.03.2017",
    "12345-6789 and 02552-5253 are codes for letters",
    "in the years 1332–1346",
    "at 01 0 and 7907-6972-6972-4444",
    "NATO met, signed 04/04/1949",
    "row 676374763875, 51433181-5019-2816",
    "IBAN VA48 4895 9844 2872 1380 84, IBAN NL29 KJBP 0594 1000 46",
    "upgrade from 8.2.32.7 to 12.39.0.26",
    'AssemblyVersion("38.9.0.7")',
    "SSN: 062-00-4996",
  ])("%s", (text) => {
    expect(found(pii, text)).toEqual([]);
  });
});

describe("in a table the head says what a column holds", () => {
  it.each([
    ["name,phone,id\nAnn,2345678901,7\nBob,2345678902,8", ["2345678901", "2345678902"]],
    [
      "| who | birthday | since |\n|---|---|---|\n| Ann | 1984-03-03 | 2019-01-01 |",
      ["1984-03-03"],
    ],
    ["id;SSN;n\n1;536904399;536904398", ["536904399"]],
    ["name\tmobile\nAnn\t21234567", ["21234567"]],
    ["name,amount,id\nAnn,2345678901,7", []],
  ])("%j", (text, expected) => {
    expect(found(pii, text).map((each) => each.replace(/^.*: /, ""))).toEqual(expected);
  });
});

describe("numbers in a row", () => {
  it.each([
    ["4111 1111 1111 1111 5500 0000 0000 0004", 2],
    ["030 901820\n030 901821", 2],
    ["10.9.8.7 10.9.8.8, 10.9.8.9", 3],
    ["DE89 3704 0044 0532 0130 00 GB82 WEST 1234 5698 7654 32", 2],
    ["a@b.com;c@d.org", 2],
    ["Jane Roe\n210 5790882\njane@example.com", 2],
  ])("%j holds %i", (text, count) => {
    expect(found(pii, text)).toHaveLength(count);
  });
});

describe("the settings of a Pii filter", () => {
  it("finds what is wanted alone, and still knows that a card is no phone", () => {
    const phones = filterOf({ name: "phones", type: "Pii", pii: { entities: ["Phone"] } });
    expect(found(phones, "Call about 4111 1111 1111 1111 or mail a@b.com")).toEqual([]);
  });

  it("lets pass what it is told to, and nothing that only holds it", () => {
    const ignore = ["help@acme.example", "+44 20 7946 0958"];
    const filter = filterOf({ name: "people", type: "Pii", pii: { ignore } });
    const ours = "Mail help@acme.example or call +44 20 7946 0958";
    expect(found(pii, ours)).toHaveLength(2);
    expect(found(filter, ours)).toEqual([]);
    expect(found(filter, `${ours}, not +44 20 7946 0959`)).toHaveLength(1);
    expect(found(filter, "Mail no.help@acme.example")).toHaveLength(1);
  });

  it("lists matches by place, with offsets in UTF-16 units and without their text", () => {
    expect(pii.inspect("😀 a@b.com 10.9.8.7").matches).toEqual([
      { rule: "pii/email", start: 3, end: 10 },
      { rule: "pii/ip-address", start: 11, end: 19 },
    ]);
  });
});
