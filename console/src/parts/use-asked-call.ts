import { type UseMutationOptions, type UseMutationResult, useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { tellOfProblem } from './tell.tsx'

type Options<Result, Given> = Omit<UseMutationOptions<Result, Error, Given>, 'onError'>

/**
 * A call after a question, which shows its failure. Whoever has closed the question meanwhile gets a notice instead. The call goes on
 * then: all that it is about comes in `mutate`, and only what is passed there closes the question or leads away.
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
