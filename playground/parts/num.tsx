/** A number that is shown rounded, and whose exact value stands beside it for those who read pages by programs. */
import { number } from '../../src/core/text/numbers';

export function Num(props: { readonly value: number; readonly digits?: number; readonly name?: string }) {
  const { value, digits, name } = props;
  return (
    <span class="number" data-value={value} data-name={name}>
      {number(value, digits)}
    </span>
  );
}
