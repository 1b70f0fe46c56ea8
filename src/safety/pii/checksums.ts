const digitAt = (digits: string, index: number): number => digits.charCodeAt(index) - 48;

/** @param digits any number of decimal digits, the check digit last */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digitAt(digits, digits.length - 1 - index);
    const weighted = index % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** The remainder by 97 of a number of any length; letters count as 10 to 35, as in ISO 7064. */
export function mod97(characters: string): number {
  let rest = 0;
  for (const character of characters) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/** The sum of digits times weights, over as many digits as there are weights. */
export const weighted = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * digitAt(digits, index), 0);

/** ISO 7064 MOD 11,10, the check digit last. */
export function mod11And10(digits: string): boolean {
  let product = 10;
  for (let index = 0; index < digits.length - 1; index += 1) {
    const sum = (digitAt(digits, index) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === digitAt(digits, digits.length - 1);
}

const dihedral = (one: number, other: number): number => {
  const turned = one < 5 ? one + (other % 5) : one - (other % 5);
  const rest = ((turned % 5) + 5) % 5;
  return one < 5 === other < 5 ? rest : rest + 5;
};

const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4] as const;

/** Verhoeff's check in the dihedral group of the pentagon, the check digit last. */
export function verhoeff(digits: string): boolean {
  let check = 0;
  for (let index = 0; index < digits.length; index += 1) {
    let value = digitAt(digits, digits.length - 1 - index);
    for (let turn = index % 8; turn > 0; turn -= 1) value = permutation[value] ?? 0;
    check = dihedral(check, value);
  }
  return check === 0;
}
