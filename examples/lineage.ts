/** Prints how the networks grew from the neocognitron to GoogLeNet: counted from the built models, beside the papers. */
import { describe, networkNames } from '../index'; // in your own program: 'cnn-lineage'

async function main(): Promise<void> {
  for (const name of networkNames) {
    const { paper, parameters, multiplyAdds, compared } = await describe(name);
    const agrees = compared.every(({ same }) => same) ? '' : '  (the paper counts otherwise)';
    const millions = (count: number) => `${(count / 1e6).toFixed(2).padStart(9)} M`;
    console.log(
      `${paper.year}  ${name.padEnd(22)}${millions(parameters)} parameters ${millions(multiplyAdds)} multiply-adds${agrees}`,
    );
  }
}

void main();
