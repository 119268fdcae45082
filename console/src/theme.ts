import { type CSSVariablesResolver, createTheme } from '@mantine/core'

/** Shades that reach 4.5:1 on their backgrounds (WCAG 2.2 AA). */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: 'system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, monospace',
  cursorType: 'pointer',
  components: {
    // The colours of titles are too weak for text; the border and the sign have them.
    Alert: { styles: { title: { color: 'var(--mantine-color-text)' } } },
    // Mantine's hover colour on the current entry leaves too little contrast to its name.
    NavLink: { vars: () => ({ root: { '--nl-hover': 'var(--nl-bg)' }, children: {} }) },
    // Mantine makes the head of a dialogue a <header>, which screen readers would announce as the page's banner.
    Modal: { defaultProps: { attributes: { header: { role: 'none' } } } },
  },
})

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
  },
})
