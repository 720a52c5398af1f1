/** Which maps each map of a layer reads: LeNet-5’s is the paper’s Table I. */
import { glance } from '../texts/glance';
import { useTexts } from '../texts/language';
import type { Stage } from './stages';

interface TableProps {
  readonly stage: Stage;
  readonly isLenet5: boolean;
  /** The map that is chosen. */
  readonly chosen: number | null;
  readonly onChoose: (map: number) => void;
}

export function TablePanel({ stage, isLenet5, chosen, onChoose }: TableProps) {
  const texts = useTexts(glance);
  const table = stage.sums.layer.getConfig()['table'] as unknown as readonly (readonly number[])[];
  const below = Math.max(...table.flat()) + 1;
  const lit = chosen === null ? [] : table[chosen]!;
  return (
    <section class="card" aria-labelledby={`table-${stage.name}`}>
      <h3 id={`table-${stage.name}`}>
        {stage.name}: {texts.table}
      </h3>
      <p class="quiet small">{isLenet5 ? texts.tableHelp : texts.tableHelpOther}</p>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby={`table-${stage.name}`}>
        <table class="connections" data-name={`table-${stage.name}`}>
          <thead>
            <tr>
              <td />
              {table.map((maps, map) => (
                <th scope="col">
                  <button
                    type="button"
                    aria-pressed={chosen === map}
                    aria-label={texts.tableColumn(stage.name, map, maps.join(', '))}
                    onClick={() => onChoose(map)}
                  >
                    {map}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: below }, (_, row) => (
              <tr class={lit.includes(row) ? 'lit' : undefined}>
                <th scope="row">{row}</th>
                {table.map((maps, map) => (
                  <td class={chosen === map ? 'lit' : undefined}>{maps.includes(row) ? '×' : ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
