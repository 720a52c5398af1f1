/** Backwards: one picture's loss, and its derivatives from the output back to the pixels. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PartProps } from '../app';
import { bestClass, classCount, className, scoresOf } from '../model/answers';
import type { OpenedModel, Seen } from '../model/opened';
import { useSetting } from '../page-state';
import type { Picture } from '../picture/picture';
import { backwards } from '../texts/backwards';
import { useTexts } from '../texts/language';
import { backwardOf } from './backward';
import { KernelGradients } from './layers/kernel-gradients';
import { Sensitivities } from './layers/sensitivities';
import { LossSection } from './loss/loss-section';
import { Pixels } from './picture/pixels';
import { Turning } from './picture/turning-section';
import type { SectionProps } from './section';
import { Update } from './update/update';

const sections = [
  ['lossTitle', LossSection],
  ['deltasTitle', Sensitivities],
  ['kernelsTitle', KernelGradients],
  ['updateTitle', Update],
  ['pixelsTitle', Pixels],
] as const;

export function Backwards({ model, picture: next, seen }: PartProps) {
  const texts = useTexts(backwards);
  const page = useRef<HTMLDivElement>(null);
  // What is seen may be of the picture before: its label then is that picture's too.
  const picture = useMemo(() => next, [seen]);
  const target = useTarget(model, picture, seen);
  const [sent, error] = useSent({ model, picture, seen }, target);
  const jump = (at: number) => {
    const heading = page.current?.querySelectorAll('h2')[at];
    heading?.scrollIntoView();
    heading?.focus();
  };
  const answer = className(model, bestClass(model, scoresOf(seen)));
  const wanted = useWanted(model, seen);
  const turnTitle = texts.turnTitle(answer, className(model, wanted));
  const titles = [...sections.map(([title]) => texts[title]), turnTitle];
  return (
    <div class="backwards" ref={page}>
      <p>{texts.intro}</p>
      <nav class="row" aria-label={texts.jump}>
        {titles.map((title, at) => (
          <button type="button" onClick={() => jump(at)}>
            {title}
          </button>
        ))}
      </nav>
      <p class="quiet">{texts.blue}</p>
      {error && (
        <p role="alert" class="error">
          {texts.failed}
          {error}
        </p>
      )}
      {sent ? (
        <>
          {sections.map(([title, Section]) => (
            <section>
              <h2 tabIndex={-1}>{texts[title]}</h2>
              <Section {...sent} />
            </section>
          ))}
          <section>
            <h2 tabIndex={-1}>{turnTitle}</h2>
            <Turning model={model} seen={seen} wanted={wanted} />
          </section>
        </>
      ) : (
        <p role="status">{texts.computing}</p>
      )}
    </div>
  );
}

/** The class that the loss is of: the address's, or the picture's own, or what the network answers. */
function useTarget(model: OpenedModel, picture: Picture, seen: Seen): number {
  const [chosen] = useSetting('backwards.target', '');
  const own = classOf(model, String(picture.label ?? ''));
  return classOf(model, chosen) ?? own ?? bestClass(model, scoresOf(seen));
}

/** The class that the picture is turned into: the address's, or 8, or 3 if it is an 8 already. */
function useWanted(model: OpenedModel, seen: Seen): number {
  const [chosen] = useSetting('backwards.wanted', '');
  const answer = bestClass(model, scoresOf(seen));
  const [one, other] = classCount(model) > 8 ? [8, 3] : [0, 1];
  return classOf(model, chosen) ?? (answer === one ? other : one);
}

function classOf(model: OpenedModel, text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) < classCount(model) ? Number(text) : undefined;
}

/** The picture sent back, with what it was: one that comes later replaces one that is still computed. */
function useSent(
  { model, picture, seen }: PartProps,
  target: number,
): readonly [sent: SectionProps | undefined, error: string] {
  const [sent, setSent] = useState<SectionProps>();
  const [error, setError] = useState('');
  useEffect(() => {
    let wanted = true;
    backwardOf(model.trained, seen.input, target).then(
      (backward) => {
        if (!wanted) return;
        setSent({ model, picture, seen, backward });
        setError('');
      },
      (problem: Error) => wanted && setError(problem.message),
    );
    return () => {
      wanted = false;
    };
  }, [model, seen, target]);
  return [sent?.model === model ? sent : undefined, error];
}
