import { Component, type ReactNode } from 'react'
import { queryClient } from '../api/query-client.ts'
import { Outdated } from '../parts/lazily.ts'
import { Problem } from '../parts/problem.tsx'

/** If a part of the page fails, shows the error in its place. A quiet one shows nothing. */
export class Fault extends Component<{ children: ReactNode; isQuiet?: boolean }, { error: unknown }> {
  override state = { error: null as unknown }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  retry = () => {
    // Parts of another version never fit again.
    if (this.state.error instanceof Outdated) return location.reload()
    queryClient.resetQueries({ queryKey: ['me'], predicate: ({ state }) => state.status === 'error' })
    this.setState({ error: null })
  }

  override render() {
    if (this.state.error === null) return this.props.children
    if (this.props.isQuiet) return null
    return <Problem error={this.state.error} onRetry={this.retry} />
  }
}
