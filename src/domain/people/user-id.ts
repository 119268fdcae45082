import { z } from 'zod'

/** The rule for user ids, in words, as people read it in an error. */
export const userIdRule =
  'A user id has 1 to 128 characters of a-z, 0-9, ".", "_", "@", "+" and "-", starts with a letter or a digit, and has no ".." in it.'

// Check the id before lower-casing it: some letters of other scripts become ASCII then (U+212A, the Kelvin sign).
const shape = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/

/**
 * A person's id. Ids that differ only in case are one id; they are compared and stored in lower case. An id is also
 * exactly the name of the person's folder, so an id that does not fit the rule is refused, never "cleaned".
 */
export const userId = z
  .string()
  .refine((id) => shape.test(id) && !id.includes('..'), userIdRule)
  .overwrite((id) => id.toLowerCase())
  .brand('UserId')

export type UserId = z.infer<typeof userId>
