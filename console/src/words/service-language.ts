/** The language of the service's own sentences. */
export const serviceLanguage = 'en'
