/** Choices and numbers with their labels. */
import type { ComponentChildren } from 'preact';

interface SelectProps {
  readonly label: string;
  readonly value: string | number;
  readonly onChoose: (value: string) => void;
  readonly disabled?: boolean;
  /** The options. */
  readonly children: ComponentChildren;
}

export function Select({ label, value, onChoose, disabled = false, children }: SelectProps) {
  return (
    <label class="field">
      <span>{label}</span>{' '}
      <select
        value={value}
        disabled={disabled}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      >
        {children}
      </select>
    </label>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: string;
  /** Called with its text when it is complete. */
  readonly onChoose: (text: string) => void;
  /** Default: any number. */
  readonly step?: string;
  readonly least?: number;
}

export function NumberField({ label, value, onChoose, step = 'any', least }: NumberFieldProps) {
  return (
    <label class="field">
      <span>{label}</span>{' '}
      <input
        type="number"
        min={least}
        step={step}
        value={value}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      />
    </label>
  );
}
