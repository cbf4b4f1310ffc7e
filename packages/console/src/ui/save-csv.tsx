import { Download } from 'lucide-react'
import { saveText } from '../lib/save-text.ts'
import { toCsv } from '../lib/to-csv.ts'
import { Button } from './button.tsx'

interface SaveCsvProps {
  /** Of the file. */
  readonly name: string
  /** Headings first. */
  readonly rows: readonly (readonly (string | number)[])[]
}

/** Saves a table for spreadsheets. */
export function SaveCsv({ name, rows }: SaveCsvProps) {
  return (
    <div>
      <Button size="small" onClick={() => saveText(name, toCsv(rows))}>
        <Download />
        Save as CSV
      </Button>
    </div>
  )
}
