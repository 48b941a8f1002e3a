import scopedMemory from 'eslint-plugin-scoped-memory'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig({
  files: ['**/*.ts'],
  languageOptions: { parser: tseslint.parser },
  extends: [scopedMemory.configs.recommended],
})
