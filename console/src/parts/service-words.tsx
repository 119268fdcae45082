import type { ReactNode } from 'react'
import { serviceLanguage } from '../words/service-language.ts'

/** Words of the service inside others: a program that reads the page aloud learns their language. */
export function ServiceWords({ children }: { children: ReactNode }) {
  return (
    <span className="foreign" lang={serviceLanguage}>
      {children}
    </span>
  )
}
