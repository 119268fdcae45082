import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { Suspense } from 'react'
import { Router } from 'wouter'
import { pathOfService } from './api/place.ts'
import { queryClient } from './api/query-client.ts'
import { nonce } from './nonce.ts'
import { Loading } from './parts/loading.tsx'
import { Notices } from './parts/notices.tsx'
import { Fault } from './shell/fault.tsx'
import { Frame } from './shell/frame.tsx'
import { cssVariables, theme } from './theme.ts'

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <Fault isQuiet>
        <Notices />
      </Fault>
      <QueryClientProvider client={queryClient}>
        <Router base={pathOfService}>
          <Fault>
            <Suspense fallback={<Loading />}>
              <Frame />
            </Suspense>
          </Fault>
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  )
}
