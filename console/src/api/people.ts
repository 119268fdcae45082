import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Invitation, Job, NewUser, PersonUsage, Usage, User, UserChange } from './bodies.ts'
import { call, callForAll, part } from './call.ts'
import { useTemplates } from './templates.ts'

const peopleKey = ['people']
const personKey = (id: string) => ['person', id]

/** Everybody who has an account, by id; for administrators. */
export function usePeople({ enabled = true }: { enabled?: boolean } = {}) {
  return useQuery({
    queryKey: peopleKey,
    queryFn: ({ signal }) => callForAll<User>('users', { signal }),
    enabled,
  })
}

export function usePerson(id: string) {
  const client = useQueryClient()
  return useQuery({
    queryKey: personKey(id),
    queryFn: ({ signal }) => call<User>('GET', `users/${part(id)}`, { signal }),
    initialData: () => client.getQueryData<User[]>(peopleKey)?.find((each) => each.id === id),
    initialDataUpdatedAt: () => client.getQueryState(peopleKey)?.dataUpdatedAt,
  })
}

/** The use of storage by person. */
export function useStorage() {
  return useQuery({
    queryKey: ['usage', 'people'],
    queryFn: ({ signal }) => callForAll<Usage>('data/usage', { query: { kind: 'person' }, signal }),
    select: byPerson,
  })
}

const byPerson = (all: readonly Usage[]) =>
  new Map(all.flatMap((usage) => (usage.user_id === null ? [] : [[usage.user_id, usage]])))

export function usePersonUsage(id: string) {
  return useQuery({
    queryKey: ['usage', 'person', id],
    queryFn: ({ signal }) => call<PersonUsage>('GET', `users/${part(id)}/usage`, { signal }),
  })
}

const none: readonly string[] = []

/** The names of all tiers, the lowest first. */
export function useTiers(): readonly string[] {
  const { data } = useTemplates()
  return data?.tiers ?? none
}

/** The names of all templates, in the order of the catalogue. */
export function useTemplateNames(): readonly string[] {
  const { data } = useTemplates()
  return useMemo(() => data?.items.map(({ name }) => name) ?? none, [data])
}

export function useAddPerson() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (person: NewUser) => call<User>('POST', 'users', { body: person }),
    onSuccess: () => client.invalidateQueries({ queryKey: peopleKey }),
  })
}

/** Makes the link by which a person signs in once. */
export function useInvite() {
  return useMutation({
    mutationFn: (id: string) => call<Invitation>('POST', `users/${part(id)}/invitation`),
    gcTime: 0, // the link is a secret
  })
}

export function useChangePerson() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: UserChange }) =>
      call<User>('PATCH', `users/${part(id)}`, { body: change }),
    onSuccess: async (person) => {
      // Answers that are on their way may be older.
      for (const queryKey of [peopleKey, personKey(person.id)]) await client.cancelQueries({ queryKey })
      client.setQueryData(personKey(person.id), person)
      client.setQueryData<User[]>(peopleKey, (all) => all?.map((each) => (each.id === person.id ? person : each)))
      // Sessions end with a disabled account, and tokens are lowered with a lost role.
      for (const key of ['sessions', 'tokens', 'me', 'people']) client.invalidateQueries({ queryKey: [key] })
    },
  })
}

export type RemovalChoice = { environments: 'keep' | 'delete'; folder: 'keep' | 'trash' }

/** Removes a person. The answer is a job if that takes a while. */
export function useRemovePerson() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ id, choice }: { id: string; choice: RemovalChoice }) =>
      call<Job | undefined>('DELETE', `users/${part(id)}`, { query: choice }),
    onSuccess: async (job, { id }) => {
      await client.cancelQueries({ queryKey: peopleKey })
      if (job) {
        for (const key of [peopleKey, personKey(id), ['jobs']]) client.invalidateQueries({ queryKey: key })
        return
      }
      client.setQueryData<User[]>(peopleKey, (all) => all?.filter((each) => each.id !== id))
      client.removeQueries({ queryKey: personKey(id) })
      client.invalidateQueries({ queryKey: peopleKey })
    },
  })
}
