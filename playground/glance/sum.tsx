/** A unit’s sum, spelled out with its live numbers. */
import type { Patch, UnitSum } from '../../src/describe/units/sums';
import { Num } from '../parts/num';
import { NumberGrid } from '../parts/number-grid';
import { number } from '../../src/core/text/numbers';
import { divergingScale } from '../../src/describe/draw/palette';
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';
import { functionTexts } from '../texts/layers';

/** The patches that are open at first, and the values of a vector that are listed. */
const openAtFirst = 2;
const mostListed = 12;

interface SumProps {
  readonly found: UnitSum;
  /** What the layer itself computed. */
  readonly value: number;
  /** What people call a layer. */
  readonly nameOf: (layer: string) => string;
}

export function SumText({ found, value, nameOf }: SumProps) {
  const texts = useTexts(glance);
  switch (found.kind) {
    case 'weighted':
      return <Weighted found={found} value={value} nameOf={nameOf} />;
    case 'subsampling':
      return (
        <>
          <Values {...found} digits={3} />
          <p class="formula">
            {texts.coefficient} <Num value={found.coefficient} name="coefficient" /> × (
            {[...found.values].map((each) => number(each, 3)).join(' + ')} ={' '}
            <Num value={found.total} name="total" />) + {texts.bias} <Num value={found.bias} name="bias" /> ={' '}
            <Num value={value} name="sum" />
          </p>
        </>
      );
    case 'maximum':
    case 'average':
      return (
        <>
          <Values {...found} digits={2} />
          <p>
            {found.kind === 'maximum' ? texts.winner : texts.mean} <Num value={value} name="sum" />
          </p>
        </>
      );
    case 'distance':
      return <Distance found={found} value={value} />;
    case 'function':
      return (
        <p>
          <span class="formula">{functionTexts[found.name] ?? found.name}</span>:{' '}
          {found.from !== null && <>{number(found.from)} → </>}
          <Num value={value} name="sum" />
        </p>
      );
    default:
      return found satisfies never;
  }
}

/** The values that are read. */
function Values(props: Pick<Patch, 'values' | 'window'> & { readonly digits: number }) {
  const { values, window, digits } = props;
  const { values: caption } = useTexts(glance);
  return (
    <NumberGrid
      {...{ values, caption, digits }}
      width={window.width}
      scale={divergingScale(values)}
      name="values"
    />
  );
}

function Weighted({
  found,
  value,
  nameOf,
}: Omit<SumProps, 'found'> & { readonly found: Extract<UnitSum, { readonly kind: 'weighted' }> }) {
  const texts = useTexts(glance);
  const { patches, bias, border, activation } = found;
  const sum = patches.reduce((all, patch) => all + patch.sum, 0);
  return (
    <>
      {patches.map((patch, at) => (
        <details open={at < openAtFirst} class="patch">
          <summary data-value={patch.sum} data-name={`patch-${patch.map ?? 'vector'}`}>
            {patch.map === null
              ? texts.ofVector(nameOf(patch.layer), number(patch.sum))
              : texts.ofMap(nameOf(patch.layer), patch.map, number(patch.sum))}
          </summary>
          {patch.map === null || patch.values.length > 121 ? (
            <Listed patch={patch} />
          ) : (
            <Grids patch={patch} />
          )}
        </details>
      ))}
      <p class="formula">
        Σ <Num value={sum} />
        {border !== 0 && (
          <>
            {' '}
            + {texts.border} <Num value={border} />
          </>
        )}{' '}
        + {texts.bias} <Num value={bias} name="bias" /> = a = <Num value={found.sum} name="sum" />
      </p>
      {activation && (
        <p class="formula">
          {functionTexts[activation] ?? activation} = <Num value={value} name="activated" />
        </p>
      )}
    </>
  );
}

function Grids({ patch }: { readonly patch: Patch }) {
  const texts = useTexts(glance);
  const { values, weights, window } = patch;
  const products = values.map((value, at) => value * weights[at]!);
  const grids = [
    ['patch', texts.patch, values],
    ['kernel', texts.kernel, weights],
    ['products', texts.products, products],
  ] as const;
  return (
    <div class="grids">
      {grids.map(([name, caption, numbers]) => (
        <NumberGrid
          values={numbers}
          width={window.width}
          scale={divergingScale(numbers)}
          caption={caption}
          name={`${name}-${patch.map}`}
        />
      ))}
    </div>
  );
}

/** The units of a vector that count most, by the size of their products. */
function Listed({ patch: { values, weights } }: { readonly patch: Patch }) {
  const texts = useTexts(glance);
  const order = Array.from(values, (_, at) => at).sort(
    (one, other) => Math.abs(values[other]! * weights[other]!) - Math.abs(values[one]! * weights[one]!),
  );
  return (
    <table>
      <thead>
        <tr>
          <th>{texts.unitNumber}</th>
          <th>{texts.values}</th>
          <th>{texts.weights}</th>
          <th>{texts.products}</th>
        </tr>
      </thead>
      <tbody>
        {order.slice(0, mostListed).map((at) => (
          <tr>
            <th scope="row">{at}</th>
            <td class="number">{number(values[at]!)}</td>
            <td class="number">{number(weights[at]!)}</td>
            <td class="number">{number(values[at]! * weights[at]!)}</td>
          </tr>
        ))}
        {order.length > mostListed && (
          <tr>
            <th scope="row" colSpan={3}>
              {texts.rest(order.length - mostListed)}
            </th>
            <td class="number">
              {number(order.slice(mostListed).reduce((sum, at) => sum + values[at]! * weights[at]!, 0))}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Distance({
  found: { values, code, squares },
  value,
}: {
  readonly found: Extract<UnitSum, { readonly kind: 'distance' }>;
  readonly value: number;
}) {
  const width = values.length === 84 ? 7 : 10;
  return (
    <>
      <div class="grids">
        <NumberGrid values={values} width={width} scale={divergingScale(values)} caption="x" name="states" />
        <NumberGrid values={code} width={width} scale={divergingScale(code)} caption="w" name="code" />
        <NumberGrid
          values={squares}
          width={width}
          scale={divergingScale(squares)}
          caption="(x − w)²"
          name="squares"
        />
      </div>
      <p class="formula">
        y = Σ (x − w)² = <Num value={value} name="sum" />
      </p>
    </>
  );
}
