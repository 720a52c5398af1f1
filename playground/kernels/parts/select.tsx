/** A choice with its label. */
import type { ComponentChildren } from 'preact';

export interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly onChoose: (value: string) => void;
  readonly disabled?: boolean;
  readonly children: ComponentChildren;
}

export function Select({ label, value, onChoose, disabled = false, children }: SelectProps) {
  return (
    <label class="field">
      <span>{label}</span>
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

/** A number with its label, taken when it is complete. */
export function NumberField({
  label,
  value,
  step,
  onChoose,
}: {
  readonly label: string;
  readonly value: string;
  readonly step: string;
  readonly onChoose: (value: string) => void;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        step={step}
        value={value}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      />
    </label>
  );
}
