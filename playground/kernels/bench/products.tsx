/** The products of which one value of the output is the sum. */
import { Num } from '../../parts/num';
import { NumberGrid } from '../../parts/number-grid';
import { divergingScale, greyScale, type Scale } from '../../../src/describe/draw/palette';
import { kernels } from '../../texts/kernels';
import { useTexts } from '../../texts/language';
import type { Place } from '../parts/pointed';
import { patchAt } from './correlate';
import type { Kernel } from './kernels';
import type { BenchResult, BenchSetting } from './result';

interface ProductsProps {
  readonly place: Place;
  readonly setting: BenchSetting;
  readonly result: BenchResult;
}

export function Products({ place, setting, result }: ProductsProps) {
  const texts = useTexts(kernels);
  const { padded, laid, sums, output, biases } = result;
  const [row, column] = place;
  const valueAt = ({ width, values }: { width: number; values: Float32Array }) =>
    values[row * width + column]!;
  const patch = patchAt(padded, laid[0]!.size, setting.stride, place);
  const two = laid.length > 1;
  const names = two ? [texts.gradientX, texts.gradientY] : [texts.sumOfProducts];
  const scale = greyScale(padded.values);
  return (
    <section class="card products">
      <h3>{texts.products(row, column)}</h3>
      <p class="quiet">{texts.fromZero}</p>
      {laid.map((kernel, at) => (
        <ProductTables {...{ patch, kernel, scale, name: names[at]! }} isTurned={setting.turned}>
          {names[at]} = <Num name={`sum${at}`} value={valueAt(sums[at]!)} />
        </ProductTables>
      ))}
      {two && (
        <p class="equation">
          √(gx² + gy²) = <Num name="output" value={valueAt(output!)} />
        </p>
      )}
      {!two && biases !== 'none' && biases !== 'leftOut' && (
        <p class="equation">
          + {texts.bias} <Num name="bias" value={result.bias(row, column)} /> ={' '}
          <Num name="output" value={valueAt(output!)} />
        </p>
      )}
    </section>
  );
}

function ProductTables({
  patch,
  kernel,
  scale,
  isTurned,
  children,
}: {
  readonly patch: readonly number[];
  readonly kernel: Kernel;
  readonly scale: Scale;
  readonly isTurned: boolean;
  readonly children: preact.ComponentChildren;
}) {
  const texts = useTexts(kernels);
  const products = patch.map((value, at) => value * kernel.weights[at]!);
  const width = kernel.size;
  const digits = digitsIn(width);
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={texts.product}>
      <div class="factors">
        <NumberGrid caption={texts.patch} values={patch} {...{ width, digits, scale }} />
        <span aria-hidden="true">×</span>
        <NumberGrid
          caption={isTurned ? texts.kernelTurned : texts.kernelWritten}
          values={kernel.weights}
          {...{ width, digits }}
          scale={divergingScale(kernel.weights)}
        />
        <span aria-hidden="true">=</span>
        <NumberGrid
          caption={texts.product}
          values={products}
          {...{ width, digits }}
          scale={divergingScale(products)}
        />
      </div>
      <p class="equation">{children}</p>
    </div>
  );
}

/** The digits of numbers in a table: wide ones are to fit on a screen. */
export function digitsIn(columns: number): number {
  return columns > 7 ? 2 : 3;
}
