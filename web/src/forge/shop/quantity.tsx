import { NumberInput, type NumberInputProps } from '@mantine/core'
import { useEffect, useState } from 'react'

/** How many: counts as soon as it is a whole number; the field may be empty while somebody types. */
export function Quantity({
  value,
  onChange,
  ...rest
}: { value: number; onChange: (quantity: number) => void } & Omit<NumberInputProps, 'value' | 'onChange'>) {
  const [typed, setTyped] = useState<number | string>(value)
  useEffect(() => setTyped(value), [value])
  return (
    <NumberInput
      min={1}
      clampBehavior="strict"
      allowDecimal={false}
      allowNegative={false}
      {...rest}
      value={typed}
      onChange={(next) => {
        setTyped(next)
        if (Number(next) >= 1) onChange(Number(next))
      }}
      onBlur={() => setTyped(value)}
    />
  )
}
