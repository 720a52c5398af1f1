/** Reads protocol buffer messages, limiting the total number of fields. */
import type { Refuse } from '../../core/errors';
import { bounds } from '../../core/bounds';
import { forEachField, varintAt, type WireType } from '../../core/io/protobuf-fields';

/** The maximum number of fields in all messages of a file that are read. */
export class FieldBudget {
  private left: number = bounds.architecture.values;

  constructor(private readonly refuse: Refuse) {}

  take(): void {
    if (this.left-- === 0) this.refuse(`at most ${bounds.architecture.values} settings of layers`, 'more');
  }
}

/** The fields of one protocol buffer message by their numbers, without those that are skipped. */
export class Message {
  private readonly fields = new Map<number, { type: WireType; begin: number; end: number }[]>();

  constructor(
    private readonly file: Uint8Array,
    begin: number,
    end: number,
    private readonly budget: FieldBudget,
    private readonly refuse: Refuse,
    leftOut: readonly number[] = [],
  ) {
    const visit = (field: number, type: WireType, from: number, to: number) => {
      if (leftOut.includes(field)) return;
      budget.take();
      const before = this.fields.get(field);
      if (before) before.push({ type, begin: from, end: to });
      else this.fields.set(field, [{ type, begin: from, end: to }]);
    };
    forEachField(file, begin, end, visit, refuse);
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  texts(field: number): readonly string[] {
    return this.of(field, 'bytes').map(({ begin, end }) => {
      if (end - begin > bounds.caffemodel.name)
        this.refuse(`a name of at most ${bounds.caffemodel.name} bytes`, String(end - begin));
      return Buffer.from(this.file.subarray(begin, end)).toString('utf8');
    });
  }

  /** A text of any length, such as a record in JSON; if it occurs several times, the last one. */
  text(field: number): string | undefined {
    const last = this.of(field, 'bytes').at(-1);
    if (!last) return undefined;
    if (last.end - last.begin > bounds.json.text)
      this.refuse(`a text of at most ${bounds.json.text} bytes`, String(last.end - last.begin));
    return Buffer.from(this.file.subarray(last.begin, last.end)).toString('utf8');
  }

  messages(field: number): readonly Message[] {
    return this.of(field, 'bytes').map(
      ({ begin, end }) => new Message(this.file, begin, end, this.budget, this.refuse),
    );
  }

  /** The fields of a nested message, or undefined. If it occurs several times, the last one counts. */
  message(field: number): Message | undefined {
    return this.messages(field).at(-1);
  }

  /** Whole numbers, each in its own field or all packed in one. */
  integers(field: number): readonly number[] {
    return (this.fields.get(field) ?? []).flatMap(({ type, begin, end }) => {
      const numbers: number[] = [];
      if (type !== 'varint' && type !== 'bytes') return numbers;
      for (let at = begin; at < end;) {
        const { value, end: after } = varintAt(this.file, at, end, this.refuse);
        this.budget.take();
        numbers.push(value);
        at = after;
      }
      return numbers;
    });
  }

  integer(field: number): number | undefined {
    return this.integers(field).at(-1);
  }

  /** Like `integers`, of numbers that may be negative. */
  signed(field: number): readonly number[] {
    return (this.fields.get(field) ?? []).flatMap(({ type, begin, end }) => {
      const numbers: number[] = [];
      if (type !== 'varint' && type !== 'bytes') return numbers;
      for (let at = begin; at < end;) {
        const { end: after } = varintAt(this.file, at, end, this.refuse);
        this.budget.take();
        let value = 0n;
        for (let byte = after - 1; byte >= at; byte--)
          value = (value << 7n) | BigInt(this.file[byte]! & 0x7f);
        numbers.push(Number(BigInt.asIntN(64, value)));
        at = after;
      }
      return numbers;
    });
  }

  /** Where the fields of a number that hold bytes lie. */
  places(field: number): readonly { readonly begin: number; readonly end: number }[] {
    return this.of(field, 'bytes');
  }

  floats(field: number): readonly number[] {
    const view = new DataView(this.file.buffer, this.file.byteOffset, this.file.byteLength);
    return (this.fields.get(field) ?? []).flatMap(({ type, begin, end }) => {
      const numbers: number[] = [];
      if (type !== 'fixed32' && type !== 'bytes') return numbers;
      for (let at = begin; at + 4 <= end; at += 4) {
        this.budget.take();
        numbers.push(view.getFloat32(at, true));
      }
      return numbers;
    });
  }

  float(field: number): number | undefined {
    return this.floats(field).at(-1);
  }

  private of(field: number, wanted: WireType) {
    return (this.fields.get(field) ?? []).filter(({ type }) => type === wanted);
  }
}
