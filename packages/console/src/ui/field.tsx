import { type ComponentProps, createContext, type ReactNode, use, useId } from 'react'
import { classNames } from '../lib/class-names.ts'

interface FieldParts {
  readonly id: string
  readonly describedBy: string | undefined
  readonly isInvalid: boolean
}

const FieldContext = createContext<FieldParts | undefined>(undefined)

interface FieldProps {
  readonly label: ReactNode
  /** What to write there, or what it will do. */
  readonly hint?: ReactNode
  /** What is wrong with it and what to do, once that is known. */
  readonly error?: string | undefined
  readonly isLabelHidden?: boolean
  readonly className?: string
  readonly children: ReactNode
}

/** A label, its control, what helps to fill it in, and what is wrong with it. */
export function Field({ label, hint, error, isLabelHidden = false, className, children }: FieldProps) {
  const id = useId()
  const hintId = `${id}-hint`
  const errorId = `${id}-error`
  const describedBy = [error === undefined ? '' : errorId, hint === undefined ? '' : hintId].filter(Boolean).join(' ')
  return (
    <FieldContext value={{ id, describedBy: describedBy || undefined, isInvalid: error !== undefined }}>
      <div className={classNames('flex flex-col gap-1', className)}>
        <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'font-medium'}>
          {label}
        </label>
        {children}
        {error !== undefined && (
          <p id={errorId} role="alert" className="text-table text-danger">
            {error}
          </p>
        )}
        {hint !== undefined && (
          <p id={hintId} className="text-table text-muted">
            {hint}
          </p>
        )}
      </div>
    </FieldContext>
  )
}

const box =
  'w-full rounded-md border border-edge bg-surface px-3 text-ink aria-invalid:border-danger disabled:bg-sunken disabled:text-muted'

/** What ties a control to the label, hint and error of the field around it. */
export function useFieldParts(): { id?: string; 'aria-describedby'?: string; 'aria-invalid'?: true } {
  const field = use(FieldContext)
  if (field === undefined) return {}
  return {
    id: field.id,
    ...(field.describedBy === undefined ? {} : { 'aria-describedby': field.describedBy }),
    ...(field.isInvalid ? { 'aria-invalid': true } : {}),
  }
}

/** One line of text. */
export function TextInput({ className, ...rest }: ComponentProps<'input'>) {
  return (
    <input
      type="text"
      autoComplete="off"
      {...useFieldParts()}
      {...rest}
      className={classNames(box, 'h-9', className)}
    />
  )
}

/** Several lines of text. */
export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <textarea
      rows={3}
      autoComplete="off"
      spellCheck={false}
      {...useFieldParts()}
      {...rest}
      className={classNames(box, 'py-2', className)}
    />
  )
}

/** One of a few. */
export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select {...useFieldParts()} {...rest} className={classNames(box, 'h-9', className)} />
}
