import { type UseMutationOptions, type UseMutationResult, useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { tellOfProblem } from './tell.tsx'

type Options<Result, Given> = Omit<UseMutationOptions<Result, Error, Given>, 'onError'>

/**
 * A call after a question, which shows its failure. Whoever has closed the question meanwhile gets a notice instead, and the call goes on.
 * Pass the call's data to `mutate`, because the question may change. Pass `onSuccess` to `mutate` to close the question or to lead away:
 * react-query skips it once the question is closed.
 */
export function useAskedCall<Result, Given = void>(
  options: Options<Result, Given>,
): UseMutationResult<Result, Error, Given> {
  const isOpen = useIsMounted()
  return useMutation({ ...options, onError: (error) => !isOpen.current && tellOfProblem(error) })
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
