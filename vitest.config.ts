import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Against hangs only: speed decides no test, and machines may be slow or busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: '100%',
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'test-results.json' }]] : ['default'],
  },
})
