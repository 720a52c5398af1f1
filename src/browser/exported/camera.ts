/** The camera of an exported model's page: names what it shows, picture after picture, until it is stopped. */
import { answersFor, askedInverted, element, say, seenOf, showAnswers } from './shown';

let stream: MediaStream | undefined;

/** What went wrong, by the names that browsers give it. Source: https://www.w3.org/TR/mediacapture-streams/ */
const reasons: Readonly<Record<string, string>> = {
  NotAllowedError: 'This page may not use the camera: the browser, the system or you did not allow it.',
  NotFoundError: 'No camera was found.',
  NotReadableError: 'The camera cannot be read: another program may be using it.',
  OverconstrainedError: 'No camera was found.',
};

/** Turns the camera on, or off if it is on. The visitor is asked for it by the browser. */
export async function toggleCamera(): Promise<void> {
  if (stream) return stopCamera('The camera is off.');
  // Pages that came by http from elsewhere have no such interface.
  if (!(navigator as Partial<Navigator>).mediaDevices)
    return say('A camera needs a page that came by https, or from this computer.');
  const button = element<HTMLButtonElement>('camera');
  button.disabled = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    const video = element<HTMLVideoElement>('video');
    video.srcObject = stream;
    await video.play();
    button.textContent = 'Stop the camera';
    element('live').hidden = false;
    say(`The camera is on; no picture leaves this computer. Computed by ${tf.getBackend()}.`);
    stream.getVideoTracks()[0]!.addEventListener('ended', () => stopCamera('The camera has gone.'));
    void watch(video, stream);
  } catch (error) {
    const { name, message } = error as Error;
    stopCamera(reasons[name] ?? `The camera cannot be used: ${message}`);
  } finally {
    button.disabled = false;
  }
}

/** Turns the camera off, if it is on. @param line what is said then */
export function stopCamera(line?: string): void {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
  element('live').hidden = true;
  element<HTMLVideoElement>('video').srcObject = null;
  element('camera').textContent = 'Use the camera';
  if (line !== undefined) say(line);
}

async function watch(video: HTMLVideoElement, own: MediaStream): Promise<void> {
  try {
    while (stream === own) {
      const started = performance.now();
      const seen = await seenOf(video, await askedInverted());
      const answers = await answersFor(seen);
      if (stream !== own) return;
      showAnswers(seen, answers);
      element('rate').textContent = `${Math.round(performance.now() - started)} ms a picture`;
      // Not while the page is hidden, and not faster than it can be drawn.
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  } catch (error) {
    if (stream === own) stopCamera(`The camera's picture cannot be used: ${(error as Error).message}`);
  }
}
