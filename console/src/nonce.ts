/** The nonce of this page's policy: styles that scripts add need it. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? ''
