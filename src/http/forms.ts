import type { App } from './app-type.ts'

/** Makes the routes of a scope take the forms of pages, and no other body. */
export function takeForms(scope: App): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })
}
