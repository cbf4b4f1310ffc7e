import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { routeRows } from './route-rows.ts'

export default defineConfig({
  plugins: [routeRows(), react(), tailwindcss()],
  build: {
    // The server gives what lies here for ever: names carry the hash of what is in them.
    assetsDir: 'console',
    target: 'es2023',
    // Fonts and icons as files: the policy of the page allows no data: in scripts and styles.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What nearly every page draws with comes with the first one, or each page would ask for dozens of small files.
        codeSplitting: {
          groups: [
            { name: 'parts', test: /console\/src\/(ui|lib)\/|node_modules\/(lucide-react|@tanstack\/react-query)\// },
          ],
        },
      },
    },
  },
})
