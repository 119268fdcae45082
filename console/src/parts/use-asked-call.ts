import type { MutateOptions, UseMutationResult } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { tellOfProblem } from './tell.tsx'

type Asked<Result, Given> = {
  mutate: (given: Given, options?: MutateOptions<Result, Error, Given>) => void
  isPending: boolean
  error: Error | null
}

/**
 * A call after a question, which shows its failure. Whoever has closed the question meanwhile gets a notice instead, and the call goes on.
 * Use it in a component that is there only while the question is open, so that no call touches the next question. Pass the call's data to
 * `mutate`, because the question may change. Pass `onSuccess` to `mutate` to close the question or to lead away: react-query skips it once
 * the question is closed. `onUnseen` is for a success that the person must hear of even then.
 */
export function useAskedCall<Result, Given>(
  { mutateAsync, isPending, error }: UseMutationResult<Result, Error, Given>,
  { onUnseen }: { onUnseen?: (result: Result) => void } = {},
): Asked<Result, Given> {
  const isOpen = useIsMounted()
  const mutate: Asked<Result, Given>['mutate'] = (given, options) => {
    mutateAsync(given, options).then(
      (result) => !isOpen.current && onUnseen?.(result),
      (failure: unknown) => !isOpen.current && tellOfProblem(failure),
    )
  }
  return { mutate, isPending, error }
}

export function useIsMounted(): { readonly current: boolean } {
  const isMounted = useRef(true)
  useEffect(() => {
    isMounted.current = true
    return () => {
      isMounted.current = false
    }
  }, [])
  return isMounted
}
